#include "server/service/decision_tools.hpp"
#include "server/service/email_code.hpp"

namespace factord::service {
namespace {

constexpr failure code_invalid{status_code::invalid_argument, "COMMAND-eis9R", "Code is invalid"};

}  // namespace

void list_verify_email_keys(const question& asked, wanted_states keys) {
  keys.user(asked.in.user_id);
}

void decide_verify_email(const question& asked, const decision& on, answer& out) {
  using enum storage::event_type;
  const auto user = live_user(on.states, asked.in.user_id);
  if (!user) return out.fail(email_not_found);
  if (!may(asked, user->resource_owner())) return out.fail(no_permission);
  // Without an open code there is nothing to guess, so a failure is not worth an event: the log
  // does not grow with the guesses of somebody who has no chance.
  if (!email_code::is_open(*user, on.at.wall)) return out.fail(code_invalid);

  const std::string& owner = user->resource_owner();
  if (email_code::matches(*user, asked.draws.code_hash)) {
    return append_event(asked, on, email_verified, owner, out);
  }
  static_cast<void>(start_event(asked, on, email_verification_failed, {asked.in.user_id, owner}));
  finish_event(on, owner, out);
  out.fail(code_invalid);
}

}  // namespace factord::service
