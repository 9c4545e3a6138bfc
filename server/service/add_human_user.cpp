#include "server/service/decision_tools.hpp"
#include "server/service/retry.hpp"

namespace factord::service {
namespace {

constexpr failure id_taken{status_code::failed_precondition, "COMMAND-7yiox1isql",
                           "Errors.User.AlreadyExisting"};
constexpr failure username_taken{status_code::already_exists, "V3-DKcYh", "User already exists"};
constexpr failure no_free_user_id{status_code::internal, "", "no free user id was drawn"};

// Nobody is who acts over the admin socket.
bool is_free(known_states states, std::string_view id) {
  return id != system_user && !states.user(id);
}

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

// The last event is the answer's, and keeps it for a retry.
enum class place : bool { followed, last };

void finish(const question& asked, const decision& on, const subject& made, place which,
            storage::event_record& event, answer& out) {
  if (which == place::last) keep_for_retry(asked, on, event);
  finish_event(on, made.owner, out);
}

void append_added(const question& asked, const decision& on, const subject& made, answer& out) {
  auto& event = start_event(asked, on, storage::event_type::human_added, made);
  storage::event_payload& payload = *event.mutable_payload();
  payload.set_username(asked.in.username);
  *payload.mutable_person() = asked.in.person;
  payload.set_email(asked.in.email);
  const bool more = asked.in.email_verified || asked.in.return_code;
  finish(asked, on, made, more ? place::followed : place::last, event, out);
}

void append_verified(const question& asked, const decision& on, const subject& made, answer& out) {
  auto& event = start_event(asked, on, storage::event_type::email_verified, made);
  finish(asked, on, made, asked.in.otp_email ? place::followed : place::last, event, out);
}

void append_factor(const question& asked, const decision& on, const subject& made, answer& out) {
  auto& event = start_event(asked, on, storage::event_type::otp_email_added, made);
  finish(asked, on, made, place::last, event, out);
}

void list_new_user(const question& asked, std::string_view id, wanted_states keys) {
  keys.user(id);
  if (asked.in.otp_email) keys.otp_email(id);
}

}  // namespace

void list_add_human_user_keys(const question& asked, wanted_states keys) {
  if (asked.in.user_id.empty()) {
    for (const std::string& candidate : asked.draws.ids) list_new_user(asked, candidate, keys);
  } else {
    list_new_user(asked, asked.in.user_id, keys);
  }
  keys.username(asked.in.org, asked.in.username);
}

void decide_add_human_user(const question& asked, const decision& on, answer& out) {
  if (!may(asked, asked.in.org)) return out.fail(no_user_permission);
  if (!may_make(asked)) return out.fail(no_permission);
  const std::string_view id = settle_id(asked, on.states, out);
  if (id.empty()) return;
  if (on.states.username(asked.in.org, asked.in.username)) return out.fail(username_taken);
  // One that was drawn for a dry run is not the one that it would be.
  out.user_id = asked.in.dry_run ? asked.in.user_id : id;
  if (asked.in.dry_run) return;

  const subject made{id, asked.in.org};
  append_added(asked, on, made, out);
  if (asked.in.email_verified) {
    append_verified(asked, on, made, out);
  } else if (asked.in.return_code) {
    append_email_code(asked, on, made, out);
  }
  if (asked.in.otp_email) append_factor(asked, on, made, out);
}

}  // namespace factord::service
