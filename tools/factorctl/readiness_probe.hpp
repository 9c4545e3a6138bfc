#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "storage/base/error.hpp"

namespace factord::ctl {

/// Where a server listens without TLS.
struct probe_target {
  std::string host;  ///< empty: a Unix socket
  std::uint16_t port = 0;
  std::string path;  ///< of the socket
};

/// "http://HOST:PORT", with "/readyz" or nothing behind it, or "unix:PATH". errc::bad_argument
/// otherwise.
[[nodiscard]] result<probe_target> parse_probe_target(std::string_view text);

/// What /readyz says there: "ready", or another word. errc::unavailable where nothing is heard
/// within five seconds, or nothing that a factord would say.
[[nodiscard]] result<std::string> ask_readiness(const probe_target& where);

}  // namespace factord::ctl
