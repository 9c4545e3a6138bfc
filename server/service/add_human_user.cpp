#include "server/service/decision_tools.hpp"
#include "server/service/retry.hpp"

namespace factord::service {
namespace {

constexpr failure id_taken{status_code::failed_precondition, "COMMAND-7yiox1isql",
                           "Errors.User.AlreadyExisting"};
constexpr failure username_taken{status_code::already_exists, "V3-DKcYh", "User already exists"};
constexpr failure no_free_user_id{status_code::internal, "", "no free user id was drawn"};

bool is_free(known_states states, std::string_view id) { return !states.user(id); }

// The id of the new user, or nothing, and why. A removed user's record stays, so its id is never
// free again.
std::string_view settle_id(const question& asked, known_states states, answer& out) {
  const std::string& wanted = asked.in.user_id;
  if (!wanted.empty()) {
    if (is_free(states, wanted)) return wanted;
    out.fail(id_taken);
    return {};
  }
  for (const std::string& candidate : asked.draws.ids) {
    if (is_free(states, candidate)) return candidate;
  }
  out.fail(no_free_user_id);
  return {};
}

// True where another event follows, which is the answer's.
bool is_followed(const question& asked) { return asked.in.email_verified || asked.in.return_code; }

void append_added(const question& asked, const decision& on, const subject& made, answer& out) {
  auto& event = start_event(asked, on, storage::event_type::human_added, made);
  storage::event_payload& payload = *event.mutable_payload();
  payload.set_username(asked.in.username);
  *payload.mutable_person() = asked.in.person;
  payload.set_email(asked.in.email);
  if (!is_followed(asked)) keep_for_retry(asked, on, event);
  finish_event(on, made.owner, out);
}

void append_verified(const question& asked, const decision& on, const subject& made, answer& out) {
  keep_for_retry(asked, on, start_event(asked, on, storage::event_type::email_verified, made));
  finish_event(on, made.owner, out);
}

}  // namespace

void list_add_human_user_keys(const question& asked, wanted_states keys) {
  if (asked.in.user_id.empty()) {
    for (const std::string& candidate : asked.draws.ids) keys.user(candidate);
  } else {
    keys.user(asked.in.user_id);
  }
  keys.username(asked.in.org, asked.in.username);
}

void decide_add_human_user(const question& asked, const decision& on, answer& out) {
  if (!may(asked, asked.in.org)) return out.fail(no_user_permission);
  const std::string_view id = settle_id(asked, on.states, out);
  if (id.empty()) return;
  if (on.states.username(asked.in.org, asked.in.username)) return out.fail(username_taken);

  const subject made{id, asked.in.org};
  append_added(asked, on, made, out);
  if (asked.in.email_verified) {
    append_verified(asked, on, made, out);
  } else if (asked.in.return_code) {
    append_email_code(asked, on, made, out);
  }
  out.user_id = id;
}

}  // namespace factord::service
