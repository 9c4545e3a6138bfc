#include "tools/factorload/target.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

#include "tools/common/number.hpp"

namespace factord::load {
namespace {

error refused(const target& where, const std::string& cause) {
  return {
      errc::unavailable,
      "cannot connect to " + (where.path.empty() ? where.authority() : where.path) + ": " + cause};
}

std::string errno_text() { return std::generic_category().message(errno); }

// Connects while still blocking: the socket is of use only when connected.
result<int> connect_one(const target& where, const sockaddr* address, socklen_t size) {
  const int fd = ::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return refused(where, errno_text());
  if (::connect(fd, address, size) != 0) {
    const std::string cause = errno_text();
    ::close(fd);
    return refused(where, cause);
  }
  const int on = 1;
  if (address->sa_family != AF_UNIX) {
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
  return fd;
}

result<int> connect_unix(const target& where) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  // parse_target has checked the length.
  std::memcpy(address.sun_path, where.path.data(), where.path.size());
  return connect_one(where, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

result<int> connect_tcp(const target& where) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failure = ::getaddrinfo(where.host.c_str(), where.port.c_str(), &hints, &found);
  if (failure != 0) return refused(where, ::gai_strerror(failure));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses{found, &::freeaddrinfo};

  result<int> last = refused(where, "no address");
  for (const addrinfo* each = found; each != nullptr && !last; each = each->ai_next) {
    last = connect_one(where, each->ai_addr, each->ai_addrlen);
  }
  return last;
}

result<target> parse_unix(std::string_view path) {
  if (path.empty() || path.size() >= sizeof(sockaddr_un::sun_path)) {
    return error{errc::bad_argument, "the path of a Unix socket must have 1 to 107 bytes"};
  }
  return target{{}, {}, std::string{path}, false};
}

}  // namespace

std::string target::authority() const {
  if (!path.empty()) return "localhost";
  const bool ipv6 = host.find(':') != std::string::npos;
  return (ipv6 ? "[" + host + "]" : host) + ":" + port;
}

result<target> parse_target(std::string_view text) {
  if (text.starts_with("unix:")) return parse_unix(text.substr(5));
  const error bad{errc::bad_argument, "must be http://HOST:PORT, https://HOST:PORT or unix:PATH"};

  const auto parsed = boost::urls::parse_uri({text.data(), text.size()});
  if (!parsed) return bad;
  const boost::urls::url_view& url = *parsed;
  const bool tls = url.scheme_id() == boost::urls::scheme::https;
  const bool bare = (tls || url.scheme_id() == boost::urls::scheme::http) && !url.has_userinfo() &&
                    !url.has_query() && !url.has_fragment() &&
                    (url.encoded_path().empty() || url.encoded_path() == "/");
  if (!bare || url.host_address().empty()) return bad;
  const std::string port = url.has_port() ? std::string{url.port()} : tls ? "443" : "80";
  if (!tools::check_number(port, 1, 65'535).empty()) return bad;
  return target{url.host_address(), port, {}, tls};
}

result<int> connect_to(const target& where) {
  return where.path.empty() ? connect_tcp(where) : connect_unix(where);
}

}  // namespace factord::load
