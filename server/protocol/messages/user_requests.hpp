#pragma once

#include "server/protocol/messages/validation.hpp"
#include "server/protocol/proto/zitadel/user/v2/user_service.pb.h"
#include "server/protocol/wire/request.hpp"
#include "server/service/call.hpp"

/// Requests about a user. Each fills in `pending.in` from a message, whatever its encoding was, and
/// checks it; the first thing that is wrong goes into `pending.rejected`.
namespace factord::protocol {

/// Of operations that are asked for by the user alone.
template <class Request>
void read_target(const Request& sent, const request&, service::call& pending) {
  pending.in.user_id.assign(sent.user_id());
  check_length(pending, "UserId", pending.in.user_id);
}

void read_verify_email(const zitadel::user::v2::VerifyEmailRequest& sent, const request& incoming,
                       service::call& pending);
void read_resend_email_code(const zitadel::user::v2::ResendEmailCodeRequest& sent,
                            const request& incoming, service::call& pending);
void read_list_factors(const zitadel::user::v2::ListAuthenticationFactorsRequest& sent,
                       const request& incoming, service::call& pending);

}  // namespace factord::protocol
