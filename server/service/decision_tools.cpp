#include "server/service/decision_tools.hpp"

#include "server/service/email_code.hpp"
#include "server/service/retry.hpp"
#include "storage/base/canary.hpp"
#include "storage/model/stored_record.hpp"

namespace factord::service {
namespace {

// Without a look at grants: as the target itself.
bool may_as_target(const question& asked) {
  return traits(asked.op).self_may && asked.who.user_id == asked.in.user_id;
}

// Whether it matters how far its maker's permission reaches (credentials/subject.hpp).
bool makes_subjects(storage::event_type type) {
  using enum storage::event_type;
  return type == human_added || type == locked || type == unlocked || type == deactivated ||
         type == reactivated || type == removed;
}

}  // namespace

std::optional<storage::user_record> any_user(known_states states, std::string_view id) {
  const auto bytes = states.user(id);
  if (!bytes) return std::nullopt;
  return storage::parse_stored<storage::user_record>(*bytes);
}

std::optional<storage::user_record> live_user(known_states states, std::string_view id) {
  auto user = any_user(states, id);
  if (user && user->state() == storage::USER_STATE_DELETED) return std::nullopt;
  return user;
}

bool may(const question& asked, std::string_view org) {
  if (may_as_target(asked) || planted(canary::skip_permission)) return true;
  return permits(asked.who, traits(asked.op).needed, org);
}

bool may_make(const question& asked) {
  if (!may(asked, asked.in.org)) return false;
  return !asked.in.otp_email || permits(asked.who, permission::user_credential_write, asked.in.org);
}

bool may_everywhere(const question& asked) {
  return reach_of(asked.who, traits(asked.op).needed) == reach::everywhere;
}

bool org_decides(const question& asked) {
  return !may_as_target(asked) && reach_of(asked.who, traits(asked.op).needed) == reach::some_orgs;
}

bool may_nowhere(const question& asked) {
  if (traits(asked.op).kind == operation_kind::bulk) return false;  // each line says whom it is of
  return !may_as_target(asked) && reach_of(asked.who, traits(asked.op).needed) == reach::nowhere;
}

storage::event_record& start_event(const question& asked, const decision& on,
                                   storage::event_type type, const subject& of) {
  storage::event_record& event = on.events.blank();
  event.set_type(static_cast<std::uint32_t>(type));
  event.mutable_user_id()->assign(of.user_id);
  event.mutable_resource_owner()->assign(of.owner);
  event.mutable_creator()->assign(asked.who.user_id);
  if (makes_subjects(type) && !may_everywhere(asked))
    event.mutable_private_part()->set_within_org(true);
  return event;
}

void finish_event(const decision& on, std::string_view owner, answer& out) {
  out.details.sequence = on.events.append();
  out.details.change_date = on.at.created_at;
  out.details.resource_owner.assign(owner);
}

void append_event(const question& asked, const decision& on, storage::event_type type,
                  std::string_view owner, answer& out) {
  keep_for_retry(asked, on, start_event(asked, on, type, {asked.in.user_id, owner}));
  finish_event(on, owner, out);
}

void append_email_code(const question& asked, const decision& on, const subject& of, answer& out) {
  auto& event = start_event(asked, on, storage::event_type::email_code_added, of);
  storage::event_private& hidden = *event.mutable_private_part();
  hidden.mutable_email_code_hash()->assign(storage::as_bytes(asked.draws.code_hash));
  hidden.set_email_code_expires_at(to_micros(email_code::expiry(on.at.wall)));
  keep_for_retry(asked, on, event);
  finish_event(on, of.owner, out);
  out.email_code = asked.draws.email_code;
}

}  // namespace factord::service
