#pragma once

#include "server/protocol/request.hpp"
#include "server/protocol/router.hpp"
#include "server/service/call.hpp"

namespace factord::protocol {

/// Fills in `work.in` from a JSON request: the path's id, the query and the body (api.md, sections
/// 2 and 3: camelCase and snake_case, unknown fields ignored, the path's id beats the body's). The
/// first thing that is wrong goes into `work.rejected`.
void read_json_request(const route_match& match, const request& incoming, service::call& work);

}  // namespace factord::protocol
