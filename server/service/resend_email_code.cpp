#include "server/service/decision_tools.hpp"

namespace factord::service {
namespace {

constexpr failure code_empty{status_code::failed_precondition, "EMAIL-5w5ilin4yt", "Code is empty"};

}  // namespace

void list_resend_email_code_keys(const question& asked, wanted_states keys) {
  keys.user(asked.in.user_id);
}

// As ZITADEL has it: a new code takes the place of one that was made and not used, however old.
void decide_resend_email_code(const question& asked, const decision& on, answer& out) {
  const auto user = live_user(on.states, asked.in.user_id);
  if (!user) return out.fail(email_not_found);
  if (!may(asked, user->resource_owner())) return out.fail(no_permission);
  if (user->email_code_hash().empty()) return out.fail(code_empty);
  append_email_code(asked, on, {asked.in.user_id, user->resource_owner()}, out);
}

}  // namespace factord::service
