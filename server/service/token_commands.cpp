#include <optional>
#include <utility>

#include "server/service/credentials/subject.hpp"
#include "server/service/decision_tools.hpp"
#include "server/service/failures.hpp"
#include "storage/base/enum_table.hpp"
#include "storage/model/stored_record.hpp"

namespace factord::service {
namespace {

constexpr failure subject_removed{status_code::failed_precondition, "",
                                  "the user was removed: its tokens never come back"};
constexpr failure subject_system{status_code::invalid_argument, "",
                                 "SYSTEM is who acts over the admin socket, and has no token"};
constexpr failure no_free_token_id{status_code::internal, "", "no free token id was drawn"};

// The first of the ids drawn that no token has; empty where there is none.
std::string_view free_id(const question& asked, known_states states) {
  for (const std::string& candidate : asked.draws.ids) {
    if (!states.token_id(candidate)) return candidate;
  }
  return {};
}

void write_grants(const question& asked, timestamp wall, storage::event_payload& payload) {
  for (std::size_t i = 0; i < count_of<role>; ++i) {
    const role which = static_cast<role>(i);
    if (asked.in.roles.contains(which)) payload.add_roles(std::string(name(which)));
  }
  payload.set_org(asked.in.org);
  if (asked.in.lifetime) payload.set_expires_at(to_micros(wall + *asked.in.lifetime));
}

// The user whom a token like this would be of, removed or not; nothing where that is none of ours.
std::optional<storage::user_record> find_subject(const question& asked, known_states states) {
  auto user = any_user(states, asked.in.user_id);
  const caller subject{asked.in.user_id, false, {{asked.in.roles, asked.in.org}}};
  if (user && !is_meant(*user, subject)) user.reset();
  return user;
}

}  // namespace

const failure* why_no_token(const question& asked, known_states states) {
  if (asked.in.user_id == system_user) return &subject_system;
  const auto user = find_subject(asked, states);
  return user && user->state() == storage::USER_STATE_DELETED ? &subject_removed : nullptr;
}

// A token's subject is `in.user_id`. It need not be a user of this store (it may be a machine that
// lives elsewhere); where it is one, the token belongs to that user's org.
void list_create_token_keys(const question& asked, wanted_states keys) {
  keys.user(asked.in.user_id);
  keys.token(asked.draws.token_hash);
  for (const std::string& candidate : asked.draws.ids) keys.token_id(candidate);
}

void decide_create_token(const question& asked, const decision& on, answer& out) {
  if (const failure* why = why_no_token(asked, on.states)) return out.fail(*why);
  const auto user = find_subject(asked, on.states);
  const std::string_view id = free_id(asked, on.states);
  if (id.empty()) return out.fail(no_free_token_id);

  const std::string owner = user ? user->resource_owner() : asked.in.org;
  auto& event = start_event(asked, on, storage::event_type::token_added, {asked.in.user_id, owner});
  event.mutable_payload()->set_token_id(std::string(id));
  write_grants(asked, on.at.wall, *event.mutable_payload());
  event.mutable_private_part()->mutable_token_hash()->assign(
      storage::as_bytes(asked.draws.token_hash));
  finish_event(on, owner, out);
  out.token_id = id;
  out.token = asked.draws.token;
}

// The service found the token's hash by its id; another revocation may have come first.
void list_revoke_token_keys(const question& asked, wanted_states keys) {
  keys.token(asked.draws.token_hash);
  keys.token_id(asked.in.token_id);
}

void decide_revoke_token(const question& asked, const decision& on, answer& out) {
  const auto bytes = on.states.token(asked.draws.token_hash);
  if (!bytes) return out.fail(token_unknown);
  const auto token = storage::parse_stored<storage::token_record>(*bytes);

  auto& event =
      start_event(asked, on, storage::event_type::token_removed, {token.subject(), token.org()});
  event.mutable_payload()->set_token_id(token.token_id());
  event.mutable_private_part()->mutable_token_hash()->assign(
      storage::as_bytes(asked.draws.token_hash));
  finish_event(on, token.org(), out);
}

}  // namespace factord::service
