#pragma once

#include <cstddef>

#include "server/protocol/wire/call_note.hpp"
#include "server/protocol/wire/request.hpp"
#include "server/protocol/wire/route.hpp"
#include "server/service/call.hpp"

namespace factord::protocol {

/// Fills in `pending.in` from a request to a path, with `pending.op` set: the path's id, the query
/// and the body (API.md, section 2 and 3: JSON, gzip or as it is, of at most `max` bytes; the
/// path's id beats the body's; only of POST, other bodies are ignored). The first thing that is
/// wrong goes into `pending.rejected`.
[[nodiscard]] body_fault read_json_request(const route_match& match, const request& incoming,
                                           std::size_t max, service::call& pending);

}  // namespace factord::protocol
