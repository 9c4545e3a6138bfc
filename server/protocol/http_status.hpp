#pragma once

#include "server/service/answer.hpp"

namespace factord::protocol {

/// The HTTP status of a gRPC code (api.md, section 3).
[[nodiscard]] unsigned http_status(service::status_code code) noexcept;

}  // namespace factord::protocol
