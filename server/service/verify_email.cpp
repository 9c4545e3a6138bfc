#include <openssl/crypto.h>

#include "server/service/decision_tools.hpp"
#include "storage/keys.hpp"

namespace factord::service {
namespace {

constexpr failure email_not_found{status_code::not_found, "COMMAND-ieJ2e", "Email not found"};
constexpr failure code_invalid{status_code::invalid_argument, "COMMAND-eis9R", "Code is invalid"};

constexpr std::chrono::hours code_lifetime{1};
constexpr std::uint32_t code_failures_max = 10;

// True while there is a code that could be guessed: sent, not expired, not void by failures.
bool code_is_open(const storage::user_record& user, timestamp now) {
  return !user.email_code_hash().empty() && user.email_code_failures() < code_failures_max &&
         now < from_micros(user.email_code_created_at()) + code_lifetime;
}

bool code_matches(const storage::user_record& user, const storage::digest& sent) {
  return user.email_code_hash().size() == sent.size() &&
         CRYPTO_memcmp(user.email_code_hash().data(), sent.data(), sent.size()) == 0;
}

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
  if (!code_is_open(*user, on.now)) return work.out.fail(code_invalid);

  if (!code_matches(*user, work.draws.code_hash)) {
    append_event(work, on, storage::event_type::email_verification_failed, user->resource_owner());
    return work.out.fail(code_invalid);
  }
  append_event(work, on, storage::event_type::email_verified, user->resource_owner());
}

}  // namespace factord::service
