#include "server/protocol/messages/proto_answer.hpp"

namespace factord::protocol {
namespace {

namespace v2 = zitadel::user::v2;

using service::answer;

// What User and HumanUser have in common: fields 1 to 5 of both messages.
template <class Identity>
void write_identity(const answer& done, Identity& out) {
  const storage::user_record& user = done.user;
  out.set_user_id(done.user_id);
  out.set_state(static_cast<v2::UserState>(user.state()));
  out.set_username(user.username());
  out.add_login_names(user.username());
  out.set_preferred_login_name(user.username());
}

// What is empty is unset.
void write_profile(const storage::profile& person, v2::HumanProfile& out) {
  out.set_given_name(person.given_name());
  out.set_family_name(person.family_name());
  if (!person.nick_name().empty()) out.set_nick_name(person.nick_name());
  if (!person.display_name().empty()) out.set_display_name(person.display_name());
  if (!person.preferred_language().empty()) out.set_preferred_language(person.preferred_language());
  if (person.gender() != 0) out.set_gender(static_cast<v2::Gender>(person.gender()));
}

void write_human(const answer& done, v2::HumanUser& out) {
  write_identity(done, out);
  write_profile(done.user.person(), *out.mutable_profile());
  out.mutable_email()->set_email(done.user.email());
  out.mutable_email()->set_is_verified(done.user.email_verified());
}

}  // namespace

void write_time(timestamp time, google::protobuf::Timestamp& out) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const std::chrono::nanoseconds rest = time - seconds;
  out.set_seconds(seconds.time_since_epoch().count());
  out.set_nanos(static_cast<std::int32_t>(rest.count()));
}

void write_details(const service::object_details& details, zitadel::object::v2::Details& out) {
  out.set_sequence(details.sequence);
  out.set_resource_owner(details.resource_owner);
  if (details.change_date != timestamp{}) {
    write_time(details.change_date, *out.mutable_change_date());
  }
  if (details.creation_date != timestamp{}) {
    write_time(details.creation_date, *out.mutable_creation_date());
  }
}

void write_answer(const answer& done, v2::AddHumanUserResponse& out) {
  out.set_user_id(done.user_id);
  write_details(done.details, *out.mutable_details());
  if (!done.email_code.empty()) out.set_email_code(done.email_code);
}

void write_answer(const answer& done, v2::ResendEmailCodeResponse& out) {
  write_details(done.details, *out.mutable_details());
  if (!done.email_code.empty()) out.set_verification_code(done.email_code);
}

void write_answer(const answer& done, v2::GetUserByIDResponse& out) {
  write_details(done.details, *out.mutable_details());
  v2::User& user = *out.mutable_user();
  write_identity(done, user);
  write_human(done, *user.mutable_human());
  write_details(done.details, *user.mutable_details());
}

void write_answer(const answer& done, v2::ListAuthenticationMethodTypesResponse& out) {
  zitadel::object::v2::ListDetails& details = *out.mutable_details();
  details.set_total_result(done.otp_email ? 1 : 0);
  details.set_processed_sequence(done.head.sequence);
  if (done.head.created_at != timestamp{}) {
    write_time(done.head.created_at, *details.mutable_timestamp());
  }
  if (done.otp_email) {
    out.add_auth_method_types(v2::AUTHENTICATION_METHOD_TYPE_OTP_EMAIL);
  }
}

void write_answer(const answer& done, v2::ListAuthenticationFactorsResponse& out) {
  if (!done.otp_email) return;
  v2::AuthFactor& factor = *out.add_result();
  factor.set_state(v2::AUTH_FACTOR_STATE_READY);
  factor.mutable_otp_email();
}

}  // namespace factord::protocol
