#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "storage/base/error.hpp"

namespace factord::net {

/// Where a listener listens: an IP address and port, or the path of a Unix socket.
struct listen_address {
  boost::asio::ip::address ip;
  std::uint16_t port = 0;  ///< 0: any free one
  std::string path;        ///< not empty: a Unix socket
  bool plain = false;      ///< never with TLS

  [[nodiscard]] bool is_unix() const noexcept { return !path.empty(); }
  friend bool operator==(const listen_address&, const listen_address&) = default;
};

/// "127.0.0.1:8080", "[::1]:8080", "localhost:8080", any of these behind "plain:", or "unix:PATH".
/// errc::bad_argument otherwise.
[[nodiscard]] result<listen_address> parse_listen_address(std::string_view text);

/// The same form again, without "plain:".
[[nodiscard]] std::string to_text(const listen_address& address);

}  // namespace factord::net
