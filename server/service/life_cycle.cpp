#include "server/service/decision_tools.hpp"
#include "storage/model/keys.hpp"

namespace factord::service {
namespace {

constexpr std::string_view not_found_text = "User could not be found";

// One call of the life cycle: which states let it through, and what it says otherwise.
struct transition {
  storage::event_type event;
  std::string_view not_found_id;
  failure wrong_state;
  bool (*allowed)(storage::user_state state);
};

void decide_transition(call& work, const decision& on, const transition& rules) {
  const auto user = live_user(work, on.states);
  if (!user) return work.out.fail(status_code::not_found, rules.not_found_id, not_found_text);
  if (!may(work, user->resource_owner())) return work.out.fail(no_permission);
  if (!rules.allowed(user->state())) return work.out.fail(rules.wrong_state);
  append_event(work, on, rules.event, user->resource_owner());
}

constexpr failure wrong_state(std::string_view id, std::string_view text) {
  return {status_code::failed_precondition, id, text};
}

constexpr transition lock{storage::event_type::locked, "COMMAND-450yxuqrh1",
                          wrong_state("COMMAND-lgws8wtsqf", "User is not active or initial"),
                          [](storage::user_state state) {
                            return state == storage::USER_STATE_ACTIVE ||
                                   state == storage::USER_STATE_INITIAL;
                          }};

constexpr transition unlock{
    storage::event_type::unlocked, "COMMAND-x377t913pw",
    wrong_state("COMMAND-olb9vb0oca", "User is not locked"),
    [](storage::user_state state) { return state == storage::USER_STATE_LOCKED; }};

// A locked user may be deactivated, as in ZITADEL: only who is inactive already is refused.
constexpr transition deactivate{
    storage::event_type::deactivated, "COMMAND-5gp2p62iin",
    wrong_state("COMMAND-5gunjw0cd7", "User already inactive"),
    [](storage::user_state state) { return state != storage::USER_STATE_INACTIVE; }};

constexpr transition reactivate{
    storage::event_type::reactivated, "COMMAND-9hy5kzbuk6",
    wrong_state("COMMAND-s5qqcz97hf", "User is not inactive"),
    [](storage::user_state state) { return state == storage::USER_STATE_INACTIVE; }};

constexpr transition remove{
    storage::event_type::removed, "COMMAND-bd4ir1mblj", {}, [](storage::user_state) {
      return true;
    }};

}  // namespace

void list_life_cycle_keys(const call& work, storage::state_table& table) {
  storage::set_user_key(work.key, work.in.user_id);
  table.want(work.key);
  if (work.op != operation::delete_user) return;
  storage::set_factor_key(work.key, work.in.user_id, storage::factor_type::otp_email);
  table.want(work.key);
}

void list_freed_name(const call& work, storage::state_table& table) {
  const auto user = live_user(work, table);
  if (!user) return;
  storage::set_username_key(work.key, user->resource_owner(), user->username());
  table.want(work.key);
}

void decide_lock_user(call& work, const decision& on) { decide_transition(work, on, lock); }
void decide_unlock_user(call& work, const decision& on) { decide_transition(work, on, unlock); }
void decide_deactivate_user(call& work, const decision& on) {
  decide_transition(work, on, deactivate);
}
void decide_reactivate_user(call& work, const decision& on) {
  decide_transition(work, on, reactivate);
}
void decide_delete_user(call& work, const decision& on) { decide_transition(work, on, remove); }

}  // namespace factord::service
