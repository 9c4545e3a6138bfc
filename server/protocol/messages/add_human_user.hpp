#pragma once

#include "server/protocol/proto/factord/v1/user_service.pb.h"
#include "server/protocol/proto/zitadel/user/v2/user_service.pb.h"
#include "server/protocol/wire/request.hpp"
#include "server/service/call.hpp"

namespace factord::protocol {

/// Fills in `pending.in` from what AddHumanUser was sent, and checks it (API.md, section 2),
/// whatever the encoding was. The org is that of the message, else that of the x-zitadel-orgid
/// field; `pending.in.org` stays empty for the caller's.
void read_add_human_user(const zitadel::user::v2::AddHumanUserRequest& sent,
                         const request& incoming, service::call& pending);

/// The same from a line of a bulk: those fields of it.
void read_bulk_addition(const factord::v1::BulkAddHumanUserRequest& sent, const request& incoming,
                        service::call& line);

}  // namespace factord::protocol
