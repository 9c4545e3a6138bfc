#pragma once

#include <string_view>
#include <vector>

#include "server/protocol/wire/request.hpp"
#include "server/protocol/wire/route.hpp"

namespace factord::protocol {

/// True where a request to `target` is to be given out in parts, as its body arrives: over any
/// version those of bulks, over HTTP/2 questions to server reflection too.
[[nodiscard]] bool is_bulk(std::string_view target);
[[nodiscard]] bool is_streaming(std::string_view target);

/// Finds the route of a request, by its HTTP path or by the name of its RPC. HEAD goes where GET
/// does.
void find_route(surface on, const request& incoming, route_match& out);

/// What is asked for by verb and path on the API; HEAD goes where GET does, and {id} stands for a
/// segment. RPCs are not among them: the .proto files say which there are.
struct path_route {
  verb method;
  std::string_view path;
};

/// All of them. openapi.yaml describes each of these, and no other.
[[nodiscard]] std::vector<path_route> path_routes();

}  // namespace factord::protocol
