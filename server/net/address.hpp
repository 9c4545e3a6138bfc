#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "storage/base/error.hpp"

namespace factord::net {

/// Where a listener listens: an IP address and port, the path of a Unix socket, or where sockets
/// that are passed to the process do.
struct listen_address {
  boost::asio::ip::address ip;
  std::uint16_t port = 0;  ///< 0: any free one
  std::string path;        ///< not empty: a Unix socket
  std::string passed;      ///< not empty: the name of such sockets (net::passed_sockets)
  bool plain = false;      ///< never with TLS

  // Of a Unix socket: who may connect.
  mode_t mode = S_IRUSR | S_IWUSR;
  std::optional<gid_t> group;  ///< nothing: the one of all files of the process
  std::string group_name;      ///< as it was given

  [[nodiscard]] bool is_unix() const noexcept { return !path.empty(); }
  friend bool operator==(const listen_address&, const listen_address&) = default;
};

/// "127.0.0.1:8080", "[::1]:8080", "localhost:8080", "fd:NAME", any of these behind "plain:", or
/// "unix:PATH", which may have options behind it: ",mode=0660" and ",group=NAME", a group of this
/// machine or a number. errc::bad_argument otherwise.
[[nodiscard]] result<listen_address> parse_listen_address(std::string_view text);

/// The same form again, without "plain:" and options.
[[nodiscard]] std::string to_text(const listen_address& address);

/// With them: what parse_listen_address() makes the same address of.
[[nodiscard]] std::string to_setting(const listen_address& address);

}  // namespace factord::net
