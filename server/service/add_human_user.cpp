#include "server/service/decision_tools.hpp"
#include "server/service/email_code.hpp"
#include "storage/model/keys.hpp"

namespace factord::service {
namespace {

constexpr failure id_taken{status_code::failed_precondition, "COMMAND-7yiox1isql",
                           "Errors.User.AlreadyExisting"};
constexpr failure username_taken{status_code::already_exists, "V3-DKcYh", "User already exists"};
constexpr failure no_free_id{status_code::internal, "", "no free user id was drawn"};

bool is_free(const call& work, const storage::state_table& states, std::string_view id) {
  storage::set_user_key(work.key, id);
  return !states.get(work.key);
}

// Settles the id of the new user; false where there is none to settle on. A removed user's record
// stays, so its id is never free again.
bool settle_id(call& work, const storage::state_table& states) {
  if (!work.in.user_id.empty()) {
    if (is_free(work, states, work.in.user_id)) return true;
    work.out.fail(id_taken);
    return false;
  }
  for (const std::string& candidate : work.draws.ids) {
    if (!is_free(work, states, candidate)) continue;
    work.in.user_id = candidate;
    return true;
  }
  work.out.fail(no_free_id);
  return false;
}

void append_added(call& work, const decision& on) {
  auto& event = start_event(work, on, storage::event_type::human_added, work.in.org);
  storage::event_payload& payload = *event.mutable_payload();
  payload.set_username(work.in.username);
  *payload.mutable_person() = work.in.person;
  payload.set_email(work.in.email);
  finish_event(work, on, work.in.org);
}

void append_code_added(call& work, const decision& on) {
  auto& event = start_event(work, on, storage::event_type::email_code_added, work.in.org);
  storage::event_private& hidden = *event.mutable_private_part();
  hidden.mutable_email_code_hash()->assign(storage::as_bytes(work.draws.code_hash));
  hidden.set_email_code_expires_at(to_micros(email_code::expiry(on.at.wall)));
  finish_event(work, on, work.in.org);
}

}  // namespace

void list_add_human_user_keys(const call& work, storage::state_table& table) {
  if (work.in.user_id.empty()) {
    for (const std::string& candidate : work.draws.ids) {
      storage::set_user_key(work.key, candidate);
      table.want(work.key);
    }
  } else {
    storage::set_user_key(work.key, work.in.user_id);
    table.want(work.key);
  }
  storage::set_username_key(work.key, work.in.org, work.in.username);
  table.want(work.key);
}

void decide_add_human_user(call& work, const decision& on) {
  if (!may(work, work.in.org)) return work.out.fail(no_user_permission);
  if (!settle_id(work, on.states)) return;
  storage::set_username_key(work.key, work.in.org, work.in.username);
  if (on.states.get(work.key)) return work.out.fail(username_taken);

  append_added(work, on);
  if (work.in.email_verified) {
    append_event(work, on, storage::event_type::email_verified, work.in.org);
  } else if (work.in.return_code) {
    append_code_added(work, on);
  }
  work.out.user_id = work.in.user_id;
}

}  // namespace factord::service
