#pragma once

#include <string_view>

#include "server/protocol/router.hpp"
#include "server/protocol/wire/request.hpp"
#include "server/service/call.hpp"

namespace factord::protocol {

/// Reads the conditions on a user that a call of one may have (RFC 9110, section 13): If-Match of
/// writes, If-None-Match of reads by path; and the Idempotency-Key of a write. What a client may
/// rely on and we do not have is refused, not passed over: all other preconditions, ranges, keys of
/// other changes, `last-event-id` to Watch, parameters that a route of ours does not know or gets
/// twice, an x-zitadel-orgid that names no organization, a malformed timeout. Says so in
/// `pending.rejected`. `pending.op` is set; the deadline of an operation's JSON is set here.
void check_request(const route_match& match, const request& incoming, service::call& pending);

/// What is wrong with the query of a request that no operation answers: paths of ours take none.
/// Empty where nothing is.
[[nodiscard]] std::string_view query_fault(const route_match& match, const request& incoming);

}  // namespace factord::protocol
