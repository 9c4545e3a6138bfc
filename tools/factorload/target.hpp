#pragma once

#include <string>
#include <string_view>

#include "storage/base/error.hpp"

namespace factord::load {

/// Where a server listens: a Unix socket where `path` is set, else host and port.
struct target {
  std::string host;
  std::string port;
  std::string path;
  bool tls = false;

  /// For the Host header.
  [[nodiscard]] std::string authority() const;
};

/// Takes http://HOST:PORT and https://HOST:PORT (port 80 or 443 if not given; no path, query or
/// user), and unix:PATH. Fails with
/// errc::bad_argument.
[[nodiscard]] result<target> parse_target(std::string_view text);

/// A connected, non-blocking socket, without Nagle's delay. Fails with errc::unavailable.
[[nodiscard]] result<int> connect_to(const target& where);

}  // namespace factord::load
