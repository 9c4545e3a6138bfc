#include "server/protocol/json_add_human_user.hpp"

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/string.hpp>
#include <string>

#include "server/protocol/validation.hpp"

namespace factord::protocol {
namespace {

namespace json = boost::json;

using service::call;
using service::status_code;

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

// What ZITADEL keeps of a user and we do not. Refused by name, so that nobody believes that it was
// kept; an empty list is the same as none.
void refuse_unkept_fields(const json_object& body, call& work) {
  for (const std::string_view field :
       {"password", "hashedPassword", "phone", "metadata", "idpLinks", "totpSecret"}) {
    const json::value* found = body.find(field);
    if (found == nullptr || (found->is_array() && found->get_array().empty())) continue;
    reject(work, status_code::unimplemented, {},
           std::string(field).append(" is not supported: it would not be kept"));
  }
}

void read_names(const json_object& body, call& work) {
  if (const json::string* id = body.text("userId")) {
    work.in.user_id.assign(view(*id));
    check_length(work, "UserId", work.in.user_id);
  }
  if (const json::string* username = body.text("username")) {
    work.in.username.assign(view(*username));
    check_length(work, "Username", work.in.username);
  }
}

void read_organization(const json_object& body, const request& incoming, std::string& error,
                       call& work) {
  if (incoming.has(field::zitadel_org_id)) {
    work.in.org.assign(incoming.value(field::zitadel_org_id));
  }
  if (const json::object* fields = body.object("organization")) {
    const json_object organization(*fields, "organization.", error);
    if (organization.find("orgDomain") != nullptr) {
      reject(work, "organization.orgDomain is not supported: name the organization by orgId");
    }
    if (const json::string* org = organization.text("orgId")) work.in.org.assign(view(*org));
  }
  if (!work.in.org.empty()) check_length(work, "Organization.OrgId", work.in.org);
}

// By name or number, as everywhere in protobuf's JSON.
std::uint32_t read_gender(const json_object& profile) {
  constexpr std::array<std::string_view, 4> names{"GENDER_UNSPECIFIED", "GENDER_FEMALE",
                                                  "GENDER_MALE", "GENDER_DIVERSE"};
  const json::value* found = profile.find("gender");
  if (found == nullptr) return 0;
  if (const json::string* text = found->if_string()) {
    for (std::uint32_t i = 0; i < names.size(); ++i) {
      if (names[i] == view(*text)) return i;
    }
  } else if (const std::int64_t* number = found->if_int64();
             number != nullptr && *number >= 0 && *number < std::int64_t{names.size()}) {
    return static_cast<std::uint32_t>(*number);
  }
  profile.reject("gender", "is not a known gender");
  return 0;
}

void read_profile(const json_object& body, std::string& error, call& work) {
  const json::object* fields = body.object("profile");
  if (fields == nullptr) {
    return reject(work, "invalid AddHumanUserRequest.Profile: value is required");
  }
  const json_object profile(*fields, "profile.", error);
  storage::profile& person = work.in.person;

  struct name_field {
    std::string_view json_name;
    std::string_view message_field;
    std::string* target;
    bool required;
  };
  const std::array<name_field, 5> names{{
      {"givenName", "GivenName", person.mutable_given_name(), true},
      {"familyName", "FamilyName", person.mutable_family_name(), true},
      {"nickName", "NickName", person.mutable_nick_name(), false},
      {"displayName", "DisplayName", person.mutable_display_name(), false},
      {"preferredLanguage", "PreferredLanguage", person.mutable_preferred_language(), false},
  }};
  for (const name_field& name : names) {
    const json::string* text = profile.text(name.json_name);
    if (text == nullptr && !name.required) continue;
    if (text != nullptr) name.target->assign(view(*text));
    check_embedded_length(work, "Profile", "SetHumanProfile", name.message_field, *name.target);
  }
  person.set_gender(read_gender(profile));
}

// How the address is to be verified: one of three, or none.
void read_verification(const json_object& email, call& work) {
  const bool send = email.object("sendCode") != nullptr;
  work.in.return_code = email.object("returnCode") != nullptr;
  const auto verified = email.boolean("isVerified");
  work.in.email_verified = verified.value_or(false);
  if (int{send} + int{work.in.return_code} + int{verified.has_value()} > 1) {
    reject(work, "only one of sendCode, returnCode and isVerified may be set");
  }
  if (send) {
    reject(work, status_code::unimplemented, {},
           "email.sendCode is not supported: no mail is sent here, use returnCode");
  }
}

void read_email(const json_object& body, std::string& error, call& work) {
  const json::object* fields = body.object("email");
  if (fields == nullptr) {
    return reject(work, "invalid AddHumanUserRequest.Email: value is required");
  }
  const json_object email(*fields, "email.", error);
  if (const json::string* address = email.text("email")) work.in.email.assign(view(*address));
  check_embedded_length(work, "Email", "SetHumanEmail", "Email", work.in.email);
  check_email(work);
  read_verification(email, work);
}

}  // namespace

void read_add_human_user(const json_object& body, const request& incoming, call& work) {
  std::string& error = body.error();
  refuse_unkept_fields(body, work);
  read_names(body, work);
  read_organization(body, incoming, error, work);
  read_profile(body, error, work);
  read_email(body, error, work);
}

}  // namespace factord::protocol
