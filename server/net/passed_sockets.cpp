#include "server/net/passed_sockets.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <utility>

namespace factord::net {
namespace {

constexpr int first_passed = 3;
constexpr int most_passed = 1000;
// sd_listen_fds_with_names(3): of one that was given none.
constexpr std::string_view nameless = "unknown";

std::string variable_or_nothing(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// As many as are passed to this process, and not to the one that started it.
int count_passed() {
  const auto number = [](const std::string& text) {
    int value = -1;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    return read.ptr == text.data() + text.size() ? value : -1;
  };
  if (number(variable_or_nothing("LISTEN_PID")) != ::getpid()) return 0;
  return std::clamp(number(variable_or_nothing("LISTEN_FDS")), 0, most_passed);
}

std::vector<std::string> names_passed() {
  std::vector<std::string> names;
  const std::string all = variable_or_nothing("LISTEN_FDNAMES");
  if (all.empty()) return names;
  for (std::size_t begin = 0; begin <= all.size();) {
    const std::size_t end = std::min(all.find(':', begin), all.size());
    names.push_back(all.substr(begin, end - begin));
    begin = end + 1;
  }
  return names;
}

std::optional<int> option_of(int fd, int name) {
  int value = 0;
  socklen_t size = sizeof(value);
  if (::getsockopt(fd, SOL_SOCKET, name, &value, &size) != 0) return std::nullopt;
  return value;
}

// Of an abstract one the name, behind '@'.
std::string path_of(const sockaddr_un& address, socklen_t size) {
  const std::size_t begin = offsetof(sockaddr_un, sun_path);
  // Of a path without room for its end the kernel counts that too (unix(7)).
  const std::size_t end = std::min<std::size_t>(size, sizeof(address));
  std::string path(address.sun_path, end > begin ? end - begin : 0);
  if (path.starts_with('\0')) {
    path.front() = '@';
    return path;
  }
  return path.substr(0, path.find('\0'));
}

// Where it listens; nothing where that is no address that a listener may have.
std::optional<listen_address> address_of(int fd) {
  sockaddr_storage found{};
  socklen_t size = sizeof(found);
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&found), &size) != 0) return std::nullopt;
  listen_address address;
  if (found.ss_family == AF_UNIX) {
    sockaddr_un local{};
    std::memcpy(&local, &found, sizeof(local));
    address.path = path_of(local, size);
    return address.path.empty() ? std::nullopt : std::optional{address};
  }
  if (found.ss_family == AF_INET) {
    sockaddr_in ipv4{};
    std::memcpy(&ipv4, &found, sizeof(ipv4));
    address.ip = boost::asio::ip::address_v4{ntohl(ipv4.sin_addr.s_addr)};
    address.port = ntohs(ipv4.sin_port);
    return address;
  }
  if (found.ss_family != AF_INET6) return std::nullopt;
  sockaddr_in6 ipv6{};
  std::memcpy(&ipv6, &found, sizeof(ipv6));
  boost::asio::ip::address_v6::bytes_type bytes;
  std::memcpy(bytes.data(), &ipv6.sin6_addr, bytes.size());
  address.ip = boost::asio::ip::address_v6{bytes};
  address.port = ntohs(ipv6.sin6_port);
  return address;
}

error not_usable(int fd, const std::string& name, const std::string& why) {
  return {errc::bad_argument, "descriptor " + std::to_string(fd) + ", which was passed as '" +
                                  name + "', cannot be listened on: " + why};
}

result<listening_socket> adopt(int fd, const std::string& name) {
  if (::fcntl(fd, F_GETFD) < 0) return not_usable(fd, name, std::strerror(errno));
  unique_fd owned(fd);
  const auto type = option_of(fd, SO_TYPE);
  if (!type) return not_usable(fd, name, "it is no socket");
  if (*type != SOCK_STREAM) return not_usable(fd, name, "it is no stream socket");
  if (option_of(fd, SO_ACCEPTCONN) != 1)
    return not_usable(fd, name, "it is a connection (Accept=no is needed), or does not listen");
  const auto address = address_of(fd);
  if (!address) return not_usable(fd, name, "it is neither of TCP nor a Unix socket with a name");
  ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
  return listening_socket{std::move(owned), *address};
}

}  // namespace

result<passed_sockets> passed_sockets::of_process() {
  passed_sockets all;
  const int count = count_passed();
  const std::vector<std::string> names = count > 0 ? names_passed() : std::vector<std::string>{};
  for (int i = 0; i < count; ++i) {
    const auto at = static_cast<std::size_t>(i);
    std::string name = at < names.size() && !names[at].empty() ? names[at] : std::string(nameless);
    auto socket = adopt(first_passed + i, name);
    if (!socket) return socket.error();
    all.entries_.push_back({std::move(name), *std::move(socket)});
  }
  return all;
}

result<std::vector<listening_socket>> passed_sockets::take(std::string_view name) {
  std::vector<listening_socket> taken;
  for (entry& one : entries_) {
    if (one.name == name) taken.push_back(std::move(one.socket));
  }
  std::erase_if(entries_, [name](const entry& one) { return one.name == name; });
  if (taken.empty()) {
    return error{errc::bad_argument, "no socket is passed to this process as '" +
                                         std::string(name) +
                                         "' (FileDescriptorName= of a socket "
                                         "unit), or it is listened on already"};
  }
  return taken;
}

result<void> passed_sockets::check_none_left() const {
  if (entries_.empty()) return {};
  const entry& first = entries_.front();
  return error{errc::bad_argument, "a socket is passed to this process as '" + first.name +
                                       "', on " + to_text(first.socket.address) +
                                       ", and nothing listens on it: --listen fd:" + first.name +
                                       " would"};
}

}  // namespace factord::net
