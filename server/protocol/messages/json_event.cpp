#include "server/protocol/messages/json_event.hpp"

#include <array>
#include <string_view>

#include "server/protocol/json/writer.hpp"
#include "storage/model/event.hpp"

namespace factord::protocol {
namespace {

void write_payload(const storage::event_payload& payload, std::string& out) {
  json_writer object(out);
  object.text("username", payload.username());
  if (payload.has_person()) write_json_profile(payload.person(), object.field("profile"));
  object.text("email", payload.email());
  object.text("tokenId", payload.token_id());
  if (payload.roles_size() > 0) {
    append_json_array(
        object.field("roles"), payload.roles(),
        [](const std::string& role, std::string& to) { append_json_string(to, role); });
  }
  object.text("organization", payload.org());
  object.time("expirationDate", from_micros(payload.expires_at()));
}

}  // namespace

std::string_view gender_name(std::uint32_t gender) {
  constexpr std::array<std::string_view, 4> names{"", "GENDER_FEMALE", "GENDER_MALE",
                                                  "GENDER_DIVERSE"};
  return gender < names.size() ? names[gender] : std::string_view();
}

void write_json_event(std::uint64_t sequence, const storage::event_record& event,
                      std::string& out) {
  json_writer object(out);
  object.number("sequence", sequence);
  object.text("type", storage::name(static_cast<storage::event_type>(event.type())));
  object.text("aggregateType", "user");
  object.text("aggregateId", event.user_id());
  object.text("resourceOwner", event.resource_owner());
  object.text("creator", event.creator());
  object.time("creationDate", from_micros(event.created_at()));
  if (event.has_payload()) write_payload(event.payload(), object.field("payload"));
}

void write_json_profile(const storage::profile& person, std::string& out) {
  json_writer object(out);
  object.text("givenName", person.given_name());
  object.text("familyName", person.family_name());
  object.text("nickName", person.nick_name());
  object.text("displayName", person.display_name());
  object.text("preferredLanguage", person.preferred_language());
  object.text("gender", gender_name(person.gender()));
}

}  // namespace factord::protocol
