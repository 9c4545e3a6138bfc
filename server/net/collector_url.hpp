#pragma once

#include <string_view>

#include "server/base/reporting.hpp"
#include "storage/base/error.hpp"

namespace factord::net {

/// "http://HOST[:PORT][/PATH]", where HOST is a name or an IP address, the port 4318 by default,
/// and the path what stands before the collector's own /v1/traces. errc::bad_argument otherwise.
[[nodiscard]] result<collector_address> parse_collector_url(std::string_view text);

}  // namespace factord::net
