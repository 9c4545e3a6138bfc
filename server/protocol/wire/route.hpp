#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "server/protocol/wire/rpc_form.hpp"
#include "server/service/operation.hpp"

namespace factord::protocol {

/// Which routes a listener serves.
enum class surface : std::uint8_t {
  api,
  admin,       ///< DIR/admin.sock
  monitoring,  ///< read-only, for whoever may connect: health, metrics, settings
  count_,      ///< none: how many there are
};

/// As metrics and logs call a surface.
[[nodiscard]] constexpr std::string_view name(surface which) noexcept {
  constexpr std::array<std::string_view, static_cast<std::size_t>(surface::count_)> names = {
      "api", "admin_socket", "admin_listen"};
  return names[static_cast<std::size_t>(which)];
}

/// What a target leads to.
enum class destination : std::uint8_t {
  operation,               ///< an operation of the service
  alive,                   ///< the process runs
  ready,                   ///< it serves
  json_description,        ///< what paths there are, as JSON
  yaml_description,        ///< and as it was written
  metrics,                 ///< what was counted, for Prometheus
  version,                 ///< which program this is
  settings,                ///< what it was started with
  health,                  ///< grpc.health.v1: the same as an RPC
  watch,                   ///< and for as long as it is asked: a stream of answers
  call_stream,             ///< an operation as a stream of ours (find_route)
  reflection,              ///< what RPCs there are
  preflight,               ///< CORS asks what it may send
  server_options,          ///< what can be asked of the server as a whole: OPTIONS *
  not_found,               ///< no such path
  unimplemented,           ///< no such RPC, asked for in a protocol that has a status for it
  method_not_allowed,      ///< the path exists, not with this verb
  unsupported_media_type,  ///< the RPC exists, not in this form
  http2_required,          ///< gRPC is not spoken over HTTP/1.1
};

/// Where a request goes. Reused from request to request, so that its strings keep their memory.
struct route_match {
  destination to = destination::not_found;
  service::operation op{};    ///< where `to` is operation
  rpc_form form{};            ///< how the answer is written; none: as JSON over HTTP
  std::string id;             ///< what stands for {id} in the path, decoded; empty if it cannot be
  bool id_malformed = false;  ///< its percent-encoding is broken: 400, after authentication
  std::string allow;          ///< where `to` is method_not_allowed: for the Allow header
};

}  // namespace factord::protocol
