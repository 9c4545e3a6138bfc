#pragma once

#include <filesystem>
#include <string>

#include "server/net/address.hpp"
#include "storage/base/error.hpp"

namespace factord::net {

/// A file descriptor that is closed with its owner.
class unique_fd {
 public:
  explicit unique_fd(int fd = -1) noexcept : fd_(fd) {}
  unique_fd(unique_fd&& other) noexcept : fd_(other.release()) {}
  unique_fd& operator=(unique_fd&& other) noexcept;
  ~unique_fd();

  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] int release() noexcept {
    const int fd = fd_;
    fd_ = -1;
    return fd;
  }

 private:
  int fd_;
};

/// A socket that listens, and where: with the port that was picked.
struct listening_socket {
  unique_fd fd;
  listen_address address;
};

/// Listens on an IP address and port. errc::unavailable where the address is in use or not ours.
[[nodiscard]] result<listening_socket> listen_tcp(const listen_address& address);

/// What to do with a socket file that is there already.
enum class stale_socket {
  remove_if_refused,  ///< remove it where nobody answers, else errc::unavailable
  remove,             ///< nobody else can own it
};

/// Listens on a Unix socket called `name` in the directory behind `directory_fd`, which may lie
/// deeper than a socket path can say (it is bound through /proc/self/fd).
[[nodiscard]] result<unique_fd> listen_unix(int directory_fd, const std::string& name,
                                            stale_socket stale);

/// The same, for a path of any length.
[[nodiscard]] result<listening_socket> listen_unix(const listen_address& address);

/// Whether such a path could be had, without making anything: errc::unavailable where its directory
/// is missing, or it is in use, or no socket is there.
[[nodiscard]] result<void> check_unix(const listen_address& address);

/// The user at the other end of a Unix socket, by SO_PEERCRED. -1 where it cannot be told.
[[nodiscard]] long peer_user(int fd) noexcept;

}  // namespace factord::net
