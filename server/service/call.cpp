#include "server/service/call.hpp"

#include <array>

#include "server/service/commands.hpp"
#include "server/service/counters.hpp"
#include "server/service/token_check.hpp"
#include "storage/base/canary.hpp"
#include "storage/base/check.hpp"

namespace factord::service {
namespace {

struct command_entry {
  list_keys_function list_keys;
  decide_function decide;
};

// In the order of the enum; the queries behind them never come here.
constexpr std::array<command_entry, 11> commands{{
    {list_otp_email_keys, decide_remove_otp_email},
    {list_otp_email_keys, decide_add_otp_email},
    {list_add_human_user_keys, decide_add_human_user},
    {list_verify_email_keys, decide_verify_email},
    {list_life_cycle_keys, decide_lock_user},
    {list_life_cycle_keys, decide_unlock_user},
    {list_life_cycle_keys, decide_deactivate_user},
    {list_life_cycle_keys, decide_reactivate_user},
    {list_life_cycle_keys, decide_delete_user},
    {list_create_token_keys, decide_create_token},
    {list_revoke_token_keys, decide_revoke_token},
}};

const command_entry& entry_of(operation op) {
  const auto index = static_cast<std::size_t>(op);
  FACTORD_CHECK(index < commands.size());
  return commands[index];
}

// Longer than any id, username or token that is accepted as most people have them: what was longer
// once does not stay in the pool for calls that are not counted for it.
constexpr std::size_t kept_capacity = 256;

void forget(std::string& text) {
  if (text.capacity() > kept_capacity) {
    std::string().swap(text);
  } else {
    text.clear();
  }
}

constexpr failure outcome_unknown{status_code::internal, "", "storage failed, outcome unknown"};
constexpr failure not_taken{status_code::unavailable, "",
                            "the store is not available, nothing was done"};
constexpr failure undone{status_code::internal, "",
                         "the stored data could not be read, nothing was changed"};

const failure& failure_of(storage::commit_outcome outcome) {
  switch (outcome) {
    case storage::commit_outcome::unavailable:
      return not_taken;
    case storage::commit_outcome::load_failed:
      return undone;
    default:
      return outcome_unknown;
  }
}

}  // namespace

void call_input::clear() {
  forget(user_id);
  forget(authorization);
  has_authorization = false;
  trusted = false;
  forget(org);
  forget(username);
  person.Clear();
  forget(email);
  email_verified = false;
  return_code = false;
  forget(verification_code);
  wants_otp_email = true;
  after = 0;
  limit = 0;
  roles = {};
  lifetime.reset();
  forget(token_id);
  forget(directory);
  backup = 0;
}

void call::clear() {
  deadline = no_deadline;
  in.clear();
  rejected.code = status_code::ok;
  forget(rejected.message);
  who.clear();
  out.clear();
  tally = nullptr;
}

void call::list_keys(storage::state_table& table) const { entry_of(op).list_keys(*this, table); }

// By a head of another epoch than that of the states: it may be nobody by now.
bool call::known_by_another(std::uint64_t epoch) const noexcept {
  return !in.trusted && token_epoch != epoch && !planted(canary::stale_epoch);
}

void call::list_more_keys(storage::state_table& table, const storage::log_head& head) const {
  if (known_by_another(head.token_epoch)) list_token_keys(credential, who.user_id, table);
  if (op == operation::delete_user) list_freed_name(*this, table);
}

void call::decide(const storage::state_table& states, const storage::decision_times& at,
                  storage::event_sink& events) {
  // Of an earlier attempt nothing counts.
  out.code = status_code::ok;
  out.error_id = {};
  out.message.clear();
  if (known_by_another(at.token_epoch) && !is_good(credential, who.user_id, states, at.wall)) {
    return out.fail(token_invalid);
  }
  entry_of(op).decide(*this, decision{states, at, events});
}

void call::finish(storage::commit_outcome outcome) noexcept {
  if (outcome != storage::commit_outcome::committed) {
    out.clear();
    out.fail(failure_of(outcome));
  }
  if (tally != nullptr) tally->answered(op, out.code);
}

std::size_t call::size_bytes() const noexcept {
  return sizeof(call) + in.user_id.capacity() + in.username.capacity() + in.email.capacity() +
         in.org.capacity() + in.person.ByteSizeLong();
}

}  // namespace factord::service
