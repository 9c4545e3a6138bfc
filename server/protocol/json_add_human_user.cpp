#include "server/protocol/json_add_human_user.hpp"

#include <boost/json/array.hpp>
#include <boost/json/string.hpp>
#include <string>

namespace factord::protocol {
namespace {

namespace json = boost::json;
namespace v2 = zitadel::user::v2;

bool is_set(const json_object& body, std::string_view name) { return body.find(name) != nullptr; }

bool is_filled(const json_object& body, std::string_view name) {
  const json::value* found = body.find(name);
  return found != nullptr && !(found->is_array() && found->get_array().empty());
}

// Only that they are there matters: they are refused.
void read_unkept_fields(const json_object& body, v2::AddHumanUserRequest& out) {
  if (is_set(body, "hashedPassword")) out.mutable_hashed_password();
  if (is_set(body, "password")) out.mutable_password();
  if (is_set(body, "phone")) out.mutable_phone();
  if (is_set(body, "totpSecret")) out.mutable_totp_secret();
  if (is_filled(body, "metadata")) out.add_metadata();
  if (is_filled(body, "idpLinks")) out.add_idp_links();
}

void read_organization(const json_object& body, v2::AddHumanUserRequest& out) {
  const json::object* fields = body.object("organization");
  if (fields == nullptr) return;
  const json_object organization(*fields, "organization.", body.error());
  const json::string* org = organization.text("orgId");
  if (org != nullptr) out.mutable_organization()->set_org_id(org->data(), org->size());
  if (is_set(organization, "orgDomain")) out.mutable_organization()->mutable_org_domain();
}

// By name or number, as everywhere in protobuf's JSON.
v2::Gender read_gender(const json_object& profile) {
  v2::Gender gender = v2::GENDER_UNSPECIFIED;
  const json::value* found = profile.find("gender");
  if (found == nullptr) return gender;
  const json::string* text = found->if_string();
  const std::int64_t* number = found->if_int64();
  if (text != nullptr && v2::Gender_Parse({text->data(), text->size()}, &gender)) return gender;
  if (number != nullptr && *number >= 0 && *number <= v2::Gender_MAX) {
    return static_cast<v2::Gender>(*number);
  }
  profile.reject("gender", "is not a known gender");
  return gender;
}

void read_profile(const json_object& body, v2::AddHumanUserRequest& out) {
  const json::object* fields = body.object("profile");
  if (fields == nullptr) return;
  const json_object profile(*fields, "profile.", body.error());
  v2::SetHumanProfile& person = *out.mutable_profile();
  const auto read = [&](std::string_view name, auto set) {
    const json::string* text = profile.text(name);
    if (text != nullptr) (person.*set)()->assign(text->data(), text->size());
  };
  read("givenName", &v2::SetHumanProfile::mutable_given_name);
  read("familyName", &v2::SetHumanProfile::mutable_family_name);
  read("nickName", &v2::SetHumanProfile::mutable_nick_name);
  read("displayName", &v2::SetHumanProfile::mutable_display_name);
  read("preferredLanguage", &v2::SetHumanProfile::mutable_preferred_language);
  person.set_gender(read_gender(profile));
}

// How the address is to be verified: one of three, or none.
void read_verification(const json_object& email, v2::SetHumanEmail& out) {
  const bool send = email.object("sendCode") != nullptr;
  const bool give_back = email.object("returnCode") != nullptr;
  const auto verified = email.boolean("isVerified");
  if (int{send} + int{give_back} + int{verified.has_value()} > 1) {
    return email.reject("verification", "may be only one of sendCode, returnCode and isVerified");
  }
  if (send) out.mutable_send_code();
  if (give_back) out.mutable_return_code();
  if (verified) out.set_is_verified(*verified);
}

void read_email(const json_object& body, v2::AddHumanUserRequest& out) {
  const json::object* fields = body.object("email");
  if (fields == nullptr) return;
  const json_object email(*fields, "email.", body.error());
  const json::string* address = email.text("email");
  v2::SetHumanEmail& target = *out.mutable_email();
  if (address != nullptr) target.set_email(address->data(), address->size());
  read_verification(email, target);
}

}  // namespace

void read_json_add_human_user(const json_object& body, v2::AddHumanUserRequest& out) {
  const json::string* id = body.text("userId");
  const json::string* username = body.text("username");
  if (id != nullptr) out.set_user_id(id->data(), id->size());
  if (username != nullptr) out.set_username(username->data(), username->size());
  read_unkept_fields(body, out);
  read_organization(body, out);
  read_profile(body, out);
  read_email(body, out);
}

}  // namespace factord::protocol
