#include "server/service/decision_tools.hpp"
#include "storage/base/check.hpp"
#include "storage/model/keys.hpp"

namespace factord::service {
namespace {

constexpr failure subject_removed{status_code::failed_precondition, "",
                                  "the user was removed: its tokens never come back"};
constexpr failure token_unknown{status_code::not_found, "", "no such token"};
constexpr failure no_free_id{status_code::internal, "", "no free token id was drawn"};

// The first of the ids drawn that no token has; empty where there is none.
std::string_view free_id(const call& work, const storage::state_table& states) {
  for (const std::string& candidate : work.draws.ids) {
    storage::set_token_id_key(work.key, candidate);
    if (!states.get(work.key)) return candidate;
  }
  return {};
}

}  // namespace

// A token's subject is `in.user_id`. It need not be a user of this store (it may be a machine that
// lives elsewhere); where it is one, the token belongs to that user's org.
void list_create_token_keys(const call& work, storage::state_table& table) {
  storage::set_user_key(work.key, work.in.user_id);
  table.want(work.key);
  storage::set_token_key(work.key, storage::as_bytes(work.draws.token_hash));
  table.want(work.key);
  for (const std::string& candidate : work.draws.ids) {
    storage::set_token_id_key(work.key, candidate);
    table.want(work.key);
  }
}

void decide_create_token(call& work, const decision& on) {
  storage::set_user_key(work.key, work.in.user_id);
  const bool known = on.states.get(work.key).has_value();
  const auto user = live_user(work, on.states);
  if (known && !user) return work.out.fail(subject_removed);
  const std::string_view id = free_id(work, on.states);
  if (id.empty()) return work.out.fail(no_free_id);

  const std::string owner = user ? user->resource_owner() : work.in.org;
  auto& event = start_event(work, on, storage::event_type::token_added, owner);
  storage::event_payload& payload = *event.mutable_payload();
  payload.set_token_id(std::string(id));
  for (std::size_t i = 0; i < role_count; ++i) {
    const role which = static_cast<role>(i);
    if (work.in.roles.contains(which)) payload.add_roles(std::string(name(which)));
  }
  payload.set_org(work.in.org);
  if (work.in.lifetime) payload.set_expires_at(to_micros(on.at.wall + *work.in.lifetime));
  event.mutable_private_part()->mutable_token_hash()->assign(
      storage::as_bytes(work.draws.token_hash));
  finish_event(work, on, owner);
  work.out.token_id = id;
}

// The service found the token's hash by its id; another revocation may have come first.
void list_revoke_token_keys(const call& work, storage::state_table& table) {
  storage::set_token_key(work.key, storage::as_bytes(work.draws.token_hash));
  table.want(work.key);
  storage::set_token_id_key(work.key, work.in.token_id);
  table.want(work.key);
}

void decide_revoke_token(call& work, const decision& on) {
  storage::set_token_key(work.key, storage::as_bytes(work.draws.token_hash));
  const auto bytes = on.states.get(work.key);
  if (!bytes) return work.out.fail(token_unknown);
  storage::token_record token;
  FACTORD_CHECK(token.ParseFromArray(bytes->data(), static_cast<int>(bytes->size())));

  work.in.user_id = token.subject();
  auto& event = start_event(work, on, storage::event_type::token_removed, token.org());
  event.mutable_payload()->set_token_id(token.token_id());
  event.mutable_private_part()->mutable_token_hash()->assign(
      storage::as_bytes(work.draws.token_hash));
  finish_event(work, on, token.org());
}

}  // namespace factord::service
