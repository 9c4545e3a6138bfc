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

#include "server/net/name_lock.hpp"

namespace factord::net {
namespace {

error failed(const std::string& what, int code) {
  return {errc::unavailable, what + ": " + std::strerror(code)};
}

unique_fd make_socket(int family) {
  return unique_fd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

// The address of a name in a directory, which may lie deeper than an address can say. False where
// the name alone is too long.
bool fill(sockaddr_un& address, int directory_fd, const std::string& name) {
  address = {};
  address.sun_family = AF_UNIX;
  const std::string path = "/proc/self/fd/" + std::to_string(directory_fd) + "/" + name;
  if (path.size() >= sizeof(address.sun_path)) return false;
  std::memcpy(address.sun_path, path.data(), path.size());
  return true;
}

// Whether the file at `name` is a socket that nobody listens on. A file that is no socket refuses
// connections too, and is not ours to remove.
bool is_stale(int directory_fd, const std::string& name) {
  struct stat found {};
  if (::fstatat(directory_fd, name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) return false;
  sockaddr_un address;
  if (!S_ISSOCK(found.st_mode) || !fill(address, directory_fd, name)) return false;
  const unique_fd probe = make_socket(AF_UNIX);
  const int connected =
      ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  return connected != 0 && errno == ECONNREFUSED;
}

// Frees a name that belongs to a dead socket. 0 where it is free, else the errno of what is in the
// way.
int free_name(int directory_fd, const std::string& name) {
  if (is_stale(directory_fd, name) && ::unlinkat(directory_fd, name.c_str(), 0) != 0) return errno;
  const bool taken = ::faccessat(directory_fd, name.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0;
  return taken ? EADDRINUSE : 0;
}

// Listens under a name that is free.
result<unique_fd> make_listening(int directory_fd, const std::string& name,
                                 const std::string& what) {
  sockaddr_un address;
  if (!fill(address, directory_fd, name)) return failed(what, ENAMETOOLONG);
  unique_fd fd = make_socket(AF_UNIX);
  // The file will have the mode of the socket.
  if (!fd.ok() || ::fchmod(fd.get(), S_IRUSR | S_IWUSR) != 0 ||
      ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    return failed(what, errno);
  if (::listen(fd.get(), SOMAXCONN) == 0) return fd;
  const int failure = errno;
  ::unlinkat(directory_fd, name.c_str(), 0);
  return failed(what, failure);
}

}  // namespace

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

result<unique_fd> listen_unix(int directory_fd, const std::string& name) {
  const std::string what = "cannot listen on unix:" + name;
  struct stat found {};
  if (::fstatat(directory_fd, name.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0) {
    if (!S_ISSOCK(found.st_mode)) return failed(what, ENOTSOCK);
    if (::unlinkat(directory_fd, name.c_str(), 0) != 0) return failed(what, errno);
  }
  return make_listening(directory_fd, name, what);
}

result<listening_socket> listen_unix(const listen_address& address) {
  const std::string what = "cannot listen on " + to_text(address);
  const std::filesystem::path path = address.path;
  const std::string name = path.filename();
  const std::filesystem::path parent = path.has_parent_path() ? path.parent_path() : ".";
  unique_fd directory(::open(parent.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory.ok()) return failed(what, errno);
  const int in = directory.get();
  if (sockaddr_un named; !fill(named, in, name)) return failed(what, ENAMETOOLONG);

  // A socket is dead before it listens too: nobody else may look at it by then.
  const auto lock = name_lock::take(in, name);
  if (!lock) return failed(what, lock.error());
  if (const int taken = free_name(in, name); taken != 0) return failed(what, taken);
  auto fd = make_listening(in, name, what);
  if (!fd) return fd.error();
  auto file = socket_file::find(std::move(directory), name);
  if (!file) return file.error();
  return listening_socket{std::move(*fd), address, std::move(*file)};
}

result<void> check_unix(const listen_address& address) {
  const std::string what = "cannot listen on " + to_text(address);
  const std::filesystem::path path = address.path;
  const std::string name = path.filename();
  const unique_fd directory(::open(path.has_parent_path() ? path.parent_path().c_str() : ".",
                                   O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0) return failed(what, errno);
  if (sockaddr_un named; !fill(named, directory.get(), name)) return failed(what, ENAMETOOLONG);
  struct stat found {};
  if (::fstatat(directory.get(), name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0)
    return errno == ENOENT ? result<void>{} : failed(what, errno);
  if (!is_stale(directory.get(), name)) return failed(what, EADDRINUSE);
  return {};
}

long peer_user(int fd) noexcept {
  ucred credentials{};
  socklen_t size = sizeof(credentials);
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return -1;
  return static_cast<long>(credentials.uid);
}

}  // namespace factord::net
