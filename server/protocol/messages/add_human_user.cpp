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

// What ZITADEL keeps of a user and we do not. Refused by name, so that nobody believes that it was
// kept.
void refuse_unkept_fields(const v2::AddHumanUserRequest& sent, call& work) {
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
    reject(work, status_code::unimplemented, {},
           std::string(field.name).append(" is not supported: it would not be kept"));
  }
}

void read_names(const v2::AddHumanUserRequest& sent, call& work) {
  if (sent.has_user_id()) {
    work.in.user_id.assign(sent.user_id());
    check_length(work, "UserId", work.in.user_id);
  }
  if (sent.has_username()) {
    check_length(work, "Username", sent.username());
    work.in.username.assign(service::trimmed(sent.username()));
  }
}

void read_organization(const v2::AddHumanUserRequest& sent, const request& incoming, call& work) {
  if (incoming.has(field::zitadel_org_id)) {
    work.in.org.assign(incoming.value(field::zitadel_org_id));
  }
  if (sent.organization().has_org_domain()) {
    reject(work, "organization.orgDomain is not supported: name the organization by orgId");
  }
  // One that is empty names none, and does not undo what the field says.
  if (!sent.organization().has_org_id()) return;
  work.in.org.assign(sent.organization().org_id());
  check_length(work, "Organization.OrgId", work.in.org);
}

void read_profile(const v2::AddHumanUserRequest& sent, call& work) {
  if (!sent.has_profile()) {
    return reject(work, "invalid AddHumanUserRequest.Profile: value is required");
  }
  const v2::SetHumanProfile& profile = sent.profile();
  storage::profile& person = work.in.person;

  const auto read = [&work](bool set, std::string_view name, const std::string& text,
                            std::string& target) {
    if (!set) return;
    check_embedded_length(work, "Profile", "SetHumanProfile", name, text);
    if (work.rejected.code == status_code::ok) target.assign(text);
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
    return reject(work, embedded_fault("Profile", "SetHumanProfile", "Gender",
                                       "value must be one of the defined enum values"));
  }
  person.set_gender(static_cast<std::uint32_t>(profile.gender()));
}

void read_email(const v2::AddHumanUserRequest& sent, call& work) {
  if (!sent.has_email()) {
    return reject(work, "invalid AddHumanUserRequest.Email: value is required");
  }
  const v2::SetHumanEmail& email = sent.email();
  work.in.email.assign(email.email());
  check_embedded_length(work, "Email", "SetHumanEmail", "Email", work.in.email);
  check_email(work);
  work.in.email.assign(service::trimmed(email.email()));
  work.in.email_verified = email.is_verified();
  work.in.return_code = email.has_return_code();
  if (email.has_send_code()) {
    reject(work, status_code::unimplemented, {},
           "email.sendCode is not supported: no mail is sent here, use returnCode");
  }
}

}  // namespace

void read_add_human_user(const v2::AddHumanUserRequest& sent, const request& incoming, call& work) {
  refuse_unkept_fields(sent, work);
  read_names(sent, work);
  read_organization(sent, incoming, work);
  read_profile(sent, work);
  read_email(sent, work);
  if (sent.has_username()) check_username(work);
}

}  // namespace factord::protocol
