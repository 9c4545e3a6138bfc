#include "server/protocol/messages/add_human_user.hpp"

#include <array>
#include <string_view>

#include "server/protocol/messages/validation.hpp"
#include "server/service/text.hpp"

namespace factord::protocol {
namespace {

namespace v2 = zitadel::user::v2;

using service::call;
using service::status_code;

// A Request is AddHumanUserRequest, or what has the same fields and others.

// What ZITADEL keeps of a user and we do not. Refused by name, so that nobody believes that it was
// kept.
template <class Request>
void refuse_unkept_fields(const Request& sent, call& pending) {
  struct unkept_field {
    bool set;
    std::string_view name;
  };
  const std::array<unkept_field, 6> fields{{
      {sent.has_password(), "password"},
      {sent.has_hashed_password(), "hashedPassword"},
      {sent.has_phone(), "phone"},
      {sent.metadata_size() > 0, "metadata"},
      {sent.idp_links_size() > 0, "idpLinks"},
      {sent.has_totp_secret(), "totpSecret"},
  }};
  for (const unkept_field& field : fields) {
    if (!field.set) continue;
    reject(pending, status_code::unimplemented, {},
           std::string(field.name).append(" is not supported: it would not be kept"));
  }
}

template <class Request>
void read_names(const Request& sent, call& pending) {
  if (sent.has_user_id()) {
    pending.in.user_id.assign(sent.user_id());
    check_length(pending, "UserId", pending.in.user_id);
  }
  if (sent.has_username()) {
    check_length(pending, "Username", sent.username());
    pending.in.username.assign(service::trimmed(sent.username()));
  }
}

template <class Request>
void read_organization(const Request& sent, const request& incoming, call& pending) {
  if (incoming.has(field::zitadel_org_id)) {
    pending.in.org.assign(incoming.value(field::zitadel_org_id));
  }
  if (sent.organization().has_org_domain()) {
    reject(pending, "organization.orgDomain is not supported: name the organization by orgId");
  }
  // One that is empty names none, and does not undo what the field says.
  if (!sent.organization().has_org_id()) return;
  pending.in.org.assign(sent.organization().org_id());
  check_length(pending, "Organization.OrgId", pending.in.org);
}

template <class Request>
void read_profile(const Request& sent, call& pending) {
  if (!sent.has_profile()) {
    return reject(pending, "invalid AddHumanUserRequest.Profile: value is required");
  }
  const v2::SetHumanProfile& profile = sent.profile();
  storage::profile& person = pending.in.person;

  const auto read = [&pending](bool set, std::string_view name, const std::string& text,
                               std::string& target) {
    if (!set) return;
    check_embedded_length(pending, "Profile", "SetHumanProfile", name, text);
    if (pending.rejected.code == status_code::ok) target.assign(text);
  };
  constexpr bool required = true;
  read(required, "GivenName", profile.given_name(), *person.mutable_given_name());
  read(required, "FamilyName", profile.family_name(), *person.mutable_family_name());
  read(profile.has_nick_name(), "NickName", profile.nick_name(), *person.mutable_nick_name());
  read(profile.has_display_name(), "DisplayName", profile.display_name(),
       *person.mutable_display_name());
  read(profile.has_preferred_language(), "PreferredLanguage", profile.preferred_language(),
       *person.mutable_preferred_language());
  if (!v2::Gender_IsValid(profile.gender())) {
    return reject(pending, embedded_fault("Profile", "SetHumanProfile", "Gender",
                                          "value must be one of the defined enum values"));
  }
  person.set_gender(static_cast<std::uint32_t>(profile.gender()));
}

template <class Request>
void read_email(const Request& sent, call& pending) {
  if (!sent.has_email()) {
    return reject(pending, "invalid AddHumanUserRequest.Email: value is required");
  }
  const v2::SetHumanEmail& email = sent.email();
  pending.in.email.assign(email.email());
  check_embedded_length(pending, "Email", "SetHumanEmail", "Email", pending.in.email);
  check_email(pending);
  pending.in.email.assign(service::trimmed(email.email()));
  pending.in.email_verified = email.is_verified();
  pending.in.return_code = email.has_return_code();
  if (email.has_send_code()) {
    reject(pending, status_code::unimplemented, {},
           "email.sendCode is not supported: no mail is sent here, use returnCode");
  }
}

template <class Request>
void read_any(const Request& sent, const request& incoming, call& pending) {
  refuse_unkept_fields(sent, pending);
  read_names(sent, pending);
  read_organization(sent, incoming, pending);
  read_profile(sent, pending);
  read_email(sent, pending);
  if (sent.has_username()) check_username(pending);
}

}  // namespace

void read_add_human_user(const v2::AddHumanUserRequest& sent, const request& incoming,
                         call& pending) {
  read_any(sent, incoming, pending);
}

void read_bulk_addition(const factord::v1::BulkAddHumanUserRequest& sent, const request& incoming,
                        call& line) {
  read_any(sent, incoming, line);
}

}  // namespace factord::protocol
