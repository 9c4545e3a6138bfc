#pragma once

#include <string_view>

#include "server/protocol/wire/request.hpp"
#include "server/protocol/wire/route.hpp"

namespace factord::protocol {

/// True where a request to `target` over HTTP/2 is to be given out in parts, as its body arrives.
[[nodiscard]] bool is_streaming(std::string_view target);

/// Finds the route of a request, by its HTTP path or by the name of its RPC. HEAD goes where GET
/// does.
void find_route(surface on, const request& incoming, route_match& out);

}  // namespace factord::protocol
