#include "server/protocol/messages/event_watch.hpp"

#include "server/protocol/messages/event_query.hpp"
#include "server/protocol/messages/json_event.hpp"
#include "server/protocol/messages/proto_answer.hpp"
#include "server/protocol/messages/validation.hpp"
#include "storage/model/event.hpp"

namespace factord::protocol {
namespace {

constexpr std::size_t events_a_message = 1'000;

void write_profile(const storage::profile& person, factord::v1::EventProfile& out) {
  out.set_given_name(person.given_name());
  out.set_family_name(person.family_name());
  out.set_nick_name(person.nick_name());
  out.set_display_name(person.display_name());
  out.set_preferred_language(person.preferred_language());
  out.set_gender(std::string(gender_name(person.gender())));
}

void write_payload(const storage::event_payload& payload, factord::v1::EventPayload& out) {
  out.set_username(payload.username());
  if (payload.has_person()) write_profile(payload.person(), *out.mutable_profile());
  out.set_email(payload.email());
  out.set_token_id(payload.token_id());
  *out.mutable_roles() = payload.roles();
  out.set_organization(payload.org());
  if (payload.expires_at() != 0)
    write_time(from_micros(payload.expires_at()), *out.mutable_expiration_date());
}

void write_event(std::uint64_t sequence, const storage::event_record& event,
                 factord::v1::Event& out) {
  out.set_sequence(sequence);
  out.set_type(std::string(storage::name(static_cast<storage::event_type>(event.type()))));
  out.set_aggregate_type("user");
  out.set_aggregate_id(event.user_id());
  out.set_resource_owner(event.resource_owner());
  out.set_creator(event.creator());
  write_time(from_micros(event.created_at()), *out.mutable_creation_date());
  if (event.has_payload()) write_payload(event.payload(), *out.mutable_payload());
}

}  // namespace

void read_watch(const factord::v1::WatchRequest& sent, const request& incoming,
                service::call& pending) {
  pending.in.follow = true;
  pending.in.limit = events_a_message;
  pending.in.after = sent.after();
  pending.in.of_store = sent.store_id();
  pending.in.user_id = sent.user_id();
  if (!sent.user_id().empty()) check_length(pending, "UserId", pending.in.user_id);
  for (const std::string& type : sent.types()) add_event_type(type, pending);
  for (const std::string& creator : sent.creators()) add_event_creator(creator, pending);
  for (const std::string& org : sent.orgs()) add_event_org(org, pending);
  if (!sent.from().empty()) set_events_from(sent.from(), pending);
  if (incoming.takes_parts) return;
  reject(pending, service::status_code::unimplemented, {}, "streams are not spoken over HTTP/1.0");
}

void write_answer(const service::answer& done, factord::v1::WatchResponse& out) {
  const service::event_page& page = done.log_page();
  std::size_t index = 0;
  for (const storage::event_record& event : page.events)
    write_event(page.sequences[index++], event, *out.add_events());
  out.set_store_id(done.store_id);
}

}  // namespace factord::protocol
