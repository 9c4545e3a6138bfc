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

constexpr mode_t owner_alone = S_IRUSR | S_IWUSR;

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

// Whether nobody listens on the socket at `name`.
bool is_stale(int directory_fd, const std::string& name) {
  sockaddr_un address;
  if (!fill(address, directory_fd, name)) return false;
  const unique_fd probe = make_socket(AF_UNIX);
  const int connected =
      ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  return connected != 0 && errno == ECONNREFUSED;
}

std::string_view kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISREG(mode)) return "a file";
  if (S_ISFIFO(mode)) return "a named pipe";
  if (S_ISLNK(mode)) return "a symbolic link";
  return "a device";
}

enum class at_name { nothing, a_socket };

// What stands at a name. Fails where it is no socket: that is not ours to remove.
result<at_name> look_at(int directory_fd, const std::string& name, const std::string& what) {
  struct stat found {};
  if (::fstatat(directory_fd, name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return at_name::nothing;
    return failed(what, errno);
  }
  if (S_ISSOCK(found.st_mode)) return at_name::a_socket;
  return error{errc::unavailable, what + ": what stands there is " +
                                      std::string{kind_of(found.st_mode)} + " and no socket"};
}

// The same, but a socket that somebody listens on is a failure too.
result<at_name> look_for_room(int directory_fd, const std::string& name, const std::string& what) {
  auto found = look_at(directory_fd, name, what);
  if (found && *found == at_name::a_socket && !is_stale(directory_fd, name))
    return failed(what, EADDRINUSE);
  return found;
}

// Takes away the socket that was found there.
result<void> free_name(int directory_fd, const std::string& name, const result<at_name>& found,
                       const std::string& what) {
  if (!found) return found.error();
  if (*found == at_name::a_socket && ::unlinkat(directory_fd, name.c_str(), 0) != 0)
    return failed(what, errno);
  return {};
}

error not_given_away(const std::string& what, const listen_address& wanted) {
  return {errc::unavailable, what + ": its group cannot be " + wanted.group_name + ": uid " +
                                 std::to_string(::geteuid()) + " is in no such group"};
}

// Lets others connect to a socket that is bound and does not listen yet. The file is the one that
// is there now, not what a name may lead to later; until it has its group, its mode is the owner's.
result<void> admit_others(int directory_fd, const std::string& name, const listen_address& wanted,
                          const std::string& what) {
  if (wanted.mode == owner_alone && !wanted.group) return {};
  const unique_fd file(::openat(directory_fd, name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  struct stat found {};
  if (!file.ok() || ::fstat(file.get(), &found) != 0) return failed(what, errno);
  if (!S_ISSOCK(found.st_mode)) return failed(what, EADDRINUSE);
  constexpr auto same_owner = static_cast<uid_t>(-1);
  if (wanted.group && ::fchownat(file.get(), "", same_owner, *wanted.group, AT_EMPTY_PATH) != 0)
    return errno == EPERM ? not_given_away(what, wanted) : failed(what, errno);
  const std::string itself = "/proc/self/fd/" + std::to_string(file.get());
  if (::chmod(itself.c_str(), wanted.mode) != 0) return failed(what, errno);
  return {};
}

// Listens under a name that is free, and lets those connect that `wanted` says.
result<unique_fd> make_listening(int directory_fd, const std::string& name,
                                 const listen_address& wanted, const std::string& what) {
  sockaddr_un address;
  if (!fill(address, directory_fd, name)) return failed(what, ENAMETOOLONG);
  unique_fd fd = make_socket(AF_UNIX);
  // The file will have the mode of the socket.
  if (!fd.ok() || ::fchmod(fd.get(), owner_alone) != 0 ||
      ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    return failed(what, errno);
  result<void> made = admit_others(directory_fd, name, wanted, what);
  if (made && ::listen(fd.get(), SOMAXCONN) != 0) made = failed(what, errno);
  if (made) return fd;
  ::unlinkat(directory_fd, name.c_str(), 0);
  return made.error();
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
  const auto found = look_at(directory_fd, name, what);
  if (const auto freed = free_name(directory_fd, name, found, what); !freed) return freed.error();
  return make_listening(directory_fd, name, {}, what);
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
  const auto found = look_for_room(in, name, what);
  if (const auto freed = free_name(in, name, found, what); !freed) return freed.error();
  auto fd = make_listening(in, name, address, what);
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
  const auto found = look_for_room(directory.get(), name, what);
  return found ? result<void>{} : found.error();
}

long peer_user(int fd) noexcept {
  ucred credentials{};
  socklen_t size = sizeof(credentials);
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return -1;
  return static_cast<long>(credentials.uid);
}

}  // namespace factord::net
