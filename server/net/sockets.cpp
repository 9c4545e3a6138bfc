#include "server/net/sockets.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

namespace factord::net {
namespace {

error failed(const std::string& what, int code) {
  return {errc::unavailable, what + ": " + std::strerror(code)};
}

unique_fd make_socket(int family) {
  return unique_fd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

// False where a path is too long for a socket address.
bool fill(sockaddr_un& address, const std::string& path) {
  address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return false;
  std::memcpy(address.sun_path, path.data(), path.size());
  return true;
}

// Whether the file at `name` is a socket that nobody listens on. A file that is no socket refuses
// connections too, and is not ours to remove.
bool is_stale(int directory_fd, const std::string& name, const sockaddr_un& address) {
  struct stat found {};
  if (::fstatat(directory_fd, name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) return false;
  if (!S_ISSOCK(found.st_mode)) return false;
  const unique_fd probe = make_socket(AF_UNIX);
  const int connected =
      ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  return connected != 0 && errno == ECONNREFUSED;
}

}  // namespace

unique_fd& unique_fd::operator=(unique_fd&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = other.release();
  }
  return *this;
}

unique_fd::~unique_fd() {
  if (fd_ >= 0) ::close(fd_);
}

result<listening_socket> listen_tcp(const listen_address& address) {
  const std::string what = "cannot listen on " + to_text(address);
  boost::asio::ip::tcp::endpoint endpoint(address.ip, address.port);
  unique_fd fd = make_socket(endpoint.protocol().family());
  if (fd.get() < 0) return failed(what, errno);
  const int yes = 1;
  // An address that was ours a moment ago may be taken again. (Two listeners still exclude each
  // other: that would be SO_REUSEPORT.)
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  if (address.ip.is_v6()) ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof(yes));
  if (::bind(fd.get(), endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0 ||
      ::listen(fd.get(), SOMAXCONN) != 0)
    return failed(what, errno);

  auto size = static_cast<socklen_t>(endpoint.capacity());
  if (::getsockname(fd.get(), endpoint.data(), &size) != 0) return failed(what, errno);
  listening_socket listening{std::move(fd), address};
  listening.address.port = endpoint.port();
  return listening;
}

result<unique_fd> listen_unix(int directory_fd, const std::string& name, stale_socket stale) {
  const std::string what = "cannot listen on unix:" + name;
  sockaddr_un address;
  if (!fill(address, "/proc/self/fd/" + std::to_string(directory_fd) + "/" + name))
    return failed(what, ENAMETOOLONG);
  const bool removable = stale == stale_socket::remove || is_stale(directory_fd, name, address);
  if (removable && ::unlinkat(directory_fd, name.c_str(), 0) != 0 && errno != ENOENT)
    return failed(what, errno);
  unique_fd fd = make_socket(AF_UNIX);
  if (fd.get() < 0) return failed(what, errno);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      ::fchmodat(directory_fd, name.c_str(), S_IRUSR | S_IWUSR, 0) != 0 ||
      ::listen(fd.get(), SOMAXCONN) != 0)
    return failed(what, errno);
  return fd;
}

result<listening_socket> listen_unix(const listen_address& address) {
  const std::filesystem::path path = address.path;
  const std::filesystem::path directory =
      path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  const unique_fd opened(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (opened.get() < 0) return failed("cannot listen on " + to_text(address), errno);
  auto fd = listen_unix(opened.get(), path.filename(), stale_socket::remove_if_refused);
  if (!fd) return error{fd.error().code, fd.error().message + " (" + to_text(address) + ")"};
  return listening_socket{std::move(*fd), address};
}

result<void> check_unix(const listen_address& address) {
  const std::string what = "cannot listen on " + to_text(address);
  const std::filesystem::path path = address.path;
  const std::string name = path.filename();
  const unique_fd directory(::open(path.has_parent_path() ? path.parent_path().c_str() : ".",
                                   O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0) return failed(what, errno);
  sockaddr_un through;
  if (!fill(through, "/proc/self/fd/" + std::to_string(directory.get()) + "/" + name))
    return failed(what, ENAMETOOLONG);
  struct stat found {};
  if (::fstatat(directory.get(), name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0)
    return errno == ENOENT ? result<void>{} : failed(what, errno);
  if (!is_stale(directory.get(), name, through)) return failed(what, EADDRINUSE);
  return {};
}

long peer_user(int fd) noexcept {
  ucred credentials{};
  socklen_t size = sizeof(credentials);
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return -1;
  return static_cast<long>(credentials.uid);
}

}  // namespace factord::net
