#pragma once

#include <filesystem>
#include <string>

#include "server/net/address.hpp"
#include "server/net/socket_file.hpp"
#include "storage/base/error.hpp"
#include "storage/base/file_descriptor.hpp"

namespace factord::net {

using unique_fd = storage::file_descriptor;

/// A socket that listens, and where: with the port that was picked.
struct listening_socket {
  unique_fd fd;
  listen_address address;
  socket_file file{};  ///< of a Unix socket
};

/// Listens on an IP address and port. errc::unavailable where the address is in use or not ours.
[[nodiscard]] result<listening_socket> listen_tcp(const listen_address& address);

/// Listens on a Unix socket called `name` in the directory behind `directory_fd`, which may lie
/// deeper than a socket path can say (it is bound through /proc/self/fd). The directory is ours
/// alone, so a socket that is there has no owner, and goes. errc::unavailable where something else
/// is there.
[[nodiscard]] result<unique_fd> listen_unix(int directory_fd, const std::string& name);

/// The same in a directory that is not ours, for a path of any length: a socket that is there goes
/// where nobody answers on it; errc::unavailable otherwise. Whoever finds the new one finds it
/// answering: so of several that begin on one path, one gets it. Its mode and group are those of
/// the address before anybody can connect, and at no time does it let in more.
[[nodiscard]] result<listening_socket> listen_unix(const listen_address& address);

/// Whether such a path could be had, without making anything: errc::unavailable where its directory
/// is missing, or it is in use, or no socket is there.
[[nodiscard]] result<void> check_unix(const listen_address& address);

/// The user at the other end of a Unix socket, by SO_PEERCRED. -1 where it cannot be told.
[[nodiscard]] long peer_user(int fd) noexcept;

}  // namespace factord::net
