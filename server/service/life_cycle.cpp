#include "server/service/credentials/subject.hpp"
#include "server/service/decision_tools.hpp"

namespace factord::service {
namespace {

constexpr std::string_view not_found_text = "User could not be found";

// One call of the life cycle: which states let it through, and what it says otherwise.
struct transition {
  storage::event_type event;
  std::string_view not_found_id;
  failure wrong_state;
  bool (*allowed)(storage::user_state state);
  bool bars = false;  ///< the tokens of the user
};

// Who was barred in an organization alone may have tokens that reach further, and is barred from
// beyond like anybody else.
bool bars_further(const question& asked, const storage::user_record& user,
                  const transition& rules) {
  return rules.bars && is_within_org(user) && may_everywhere(asked);
}

bool is_there(const question& asked, const storage::user_record& user, const transition& rules) {
  if (user.state() != storage::USER_STATE_DELETED) return true;
  return rules.event == storage::event_type::removed && bars_further(asked, user, rules);
}

void decide_transition(const question& asked, const decision& on, const transition& rules,
                       answer& out) {
  const auto user = any_user(on.states, asked.in.user_id);
  if (!user || !is_there(asked, *user, rules))
    return out.fail(status_code::not_found, rules.not_found_id, not_found_text);
  if (!may(asked, user->resource_owner())) return out.fail(no_permission);
  if (!rules.allowed(user->state()) && !bars_further(asked, *user, rules))
    return out.fail(rules.wrong_state);
  append_event(asked, on, rules.event, user->resource_owner(), out);
}

constexpr failure wrong_state(std::string_view id, std::string_view text) {
  return {status_code::failed_precondition, id, text};
}

constexpr transition lock{storage::event_type::locked, "COMMAND-450yxuqrh1",
                          wrong_state("COMMAND-lgws8wtsqf", "User is not active or initial"),
                          [](storage::user_state state) {
                            return state == storage::USER_STATE_ACTIVE ||
                                   state == storage::USER_STATE_INITIAL;
                          },
                          true};

constexpr transition unlock{
    storage::event_type::unlocked, "COMMAND-x377t913pw",
    wrong_state("COMMAND-olb9vb0oca", "User is not locked"),
    [](storage::user_state state) { return state == storage::USER_STATE_LOCKED; }};

// A locked user may be deactivated, as in ZITADEL: only who is inactive already is refused.
constexpr transition deactivate{
    storage::event_type::deactivated, "COMMAND-5gp2p62iin",
    wrong_state("COMMAND-5gunjw0cd7", "User already inactive"),
    [](storage::user_state state) { return state != storage::USER_STATE_INACTIVE; }, true};

constexpr transition reactivate{
    storage::event_type::reactivated, "COMMAND-9hy5kzbuk6",
    wrong_state("COMMAND-s5qqcz97hf", "User is not inactive"),
    [](storage::user_state state) { return state == storage::USER_STATE_INACTIVE; }};

constexpr transition remove{storage::event_type::removed,
                            "COMMAND-bd4ir1mblj",
                            {},
                            [](storage::user_state) { return true; },
                            true};

}  // namespace

void list_life_cycle_keys(const question& asked, wanted_states keys) {
  keys.user(asked.in.user_id);
}

void list_delete_user_keys(const question& asked, wanted_states keys) {
  keys.user(asked.in.user_id);
  keys.otp_email(asked.in.user_id);
}

void list_freed_name(const question& asked, known_states loaded, wanted_states keys) {
  const auto user = live_user(loaded, asked.in.user_id);
  if (user) keys.username(user->resource_owner(), user->username());
}

void decide_lock_user(const question& asked, const decision& on, answer& out) {
  decide_transition(asked, on, lock, out);
}

void decide_unlock_user(const question& asked, const decision& on, answer& out) {
  decide_transition(asked, on, unlock, out);
}

void decide_deactivate_user(const question& asked, const decision& on, answer& out) {
  decide_transition(asked, on, deactivate, out);
}

void decide_reactivate_user(const question& asked, const decision& on, answer& out) {
  decide_transition(asked, on, reactivate, out);
}

void decide_delete_user(const question& asked, const decision& on, answer& out) {
  decide_transition(asked, on, remove, out);
}

}  // namespace factord::service
