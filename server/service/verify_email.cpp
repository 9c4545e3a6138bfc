#include "server/service/decision_tools.hpp"
#include "server/service/email_code.hpp"
#include "storage/model/keys.hpp"

namespace factord::service {
namespace {

constexpr failure email_not_found{status_code::not_found, "COMMAND-ieJ2e", "Email not found"};
constexpr failure code_invalid{status_code::invalid_argument, "COMMAND-eis9R", "Code is invalid"};

}  // namespace

void list_verify_email_keys(const call& work, storage::state_table& table) {
  storage::set_user_key(work.key, work.in.user_id);
  table.want(work.key);
}

void decide_verify_email(call& work, const decision& on) {
  const auto user = live_user(work, on.states);
  if (!user) return work.out.fail(email_not_found);
  if (!may(work, user->resource_owner())) return work.out.fail(no_permission);
  // Without an open code there is nothing to guess, so a failure is not worth an event: the log
  // does not grow with the guesses of somebody who has no chance.
  if (!email_code::is_open(*user, on.at.wall)) return work.out.fail(code_invalid);

  if (!email_code::matches(*user, work.draws.code_hash)) {
    append_event(work, on, storage::event_type::email_verification_failed, user->resource_owner());
    return work.out.fail(code_invalid);
  }
  append_event(work, on, storage::event_type::email_verified, user->resource_owner());
}

}  // namespace factord::service
