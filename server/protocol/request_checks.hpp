#pragma once

#include "server/protocol/router.hpp"
#include "server/protocol/wire/request.hpp"
#include "server/service/call.hpp"

namespace factord::protocol {

/// What a client may rely on and we do not have is refused, not passed over: preconditions (RFC
/// 9110, section 13), ranges, idempotency keys of writes, parameters that a route of ours does not
/// know or gets twice, an x-zitadel-orgid that names no organization, a malformed timeout. Says so
/// in `work.rejected`. `work.op` is set; the deadline of an operation's JSON is set here.
void check_request(const route_match& match, const request& incoming, surface on,
                   service::call& work);

}  // namespace factord::protocol
