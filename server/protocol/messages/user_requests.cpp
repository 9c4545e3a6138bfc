#include "server/protocol/messages/user_requests.hpp"

#include <algorithm>

namespace factord::protocol {
namespace {

namespace v2 = zitadel::user::v2;

using service::call;

// A verification code is at most this long, as ZITADEL has it.
constexpr std::size_t code_points_of_code_max = 20;

// An empty filter lets all through.
template <class Values>
bool filter_passes(const Values& filter, int wanted) {
  return filter.empty() || std::find(filter.begin(), filter.end(), wanted) != filter.end();
}

}  // namespace

void read_verify_email(const v2::VerifyEmailRequest& sent, const request& incoming, call& pending) {
  read_target(sent, incoming, pending);
  pending.in.verification_code.assign(sent.verification_code());
  check_length(pending, "VerificationCode", pending.in.verification_code, code_points_of_code_max);
}

void read_resend_email_code(const v2::ResendEmailCodeRequest& sent, const request& incoming,
                            call& pending) {
  read_target(sent, incoming, pending);
  // Neither of them asks for a mail as well.
  if (sent.has_return_code()) return;
  reject(pending, service::status_code::unimplemented, {},
         "sendCode is not supported: no mail is sent here, use returnCode");
}

void read_list_factors(const v2::ListAuthenticationFactorsRequest& sent, const request& incoming,
                       call& pending) {
  read_target(sent, incoming, pending);
  const bool known =
      std::all_of(sent.auth_factors().begin(), sent.auth_factors().end(),
                  v2::AuthFactors_IsValid) &&
      std::all_of(sent.states().begin(), sent.states().end(), v2::AuthFactorState_IsValid);
  if (!known) {
    return reject(pending,
                  "invalid ListAuthenticationFactorsRequest: value must be one of the defined enum "
                  "values");
  }
  pending.in.wants_otp_email = filter_passes(sent.auth_factors(), v2::OTP_EMAIL) &&
                               filter_passes(sent.states(), v2::AUTH_FACTOR_STATE_READY);
}

}  // namespace factord::protocol
