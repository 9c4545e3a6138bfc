#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "server/protocol/wire/request.hpp"
#include "server/protocol/wire/rpc_form.hpp"

/// How long a client is ready to wait. Nothing where the text is malformed. Less than a microsecond
/// counts as none at all.
namespace factord::protocol {

/// The value of grpc-timeout: 1 to 8 digits and a unit, one of H, M, S, m, u, n (gRPC over HTTP/2).
[[nodiscard]] std::optional<std::chrono::microseconds> parse_grpc_timeout(std::string_view text);

/// The value of connect-timeout-ms: 1 to 10 digits.
[[nodiscard]] std::optional<std::chrono::microseconds> parse_connect_timeout(std::string_view text);

/// Brings `deadline` forward to when the client of a request stops waiting, if it says so where its
/// form does; JSON over HTTP (`none`) has no place of its own, so there both are heeded. Nothing
/// where that went well, else the field that is malformed.
[[nodiscard]] std::optional<field> read_deadline(rpc_form form, const request& incoming,
                                                 std::chrono::steady_clock::time_point& deadline);

}  // namespace factord::protocol
