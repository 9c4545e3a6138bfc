#include "tests/unit/server/net/client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "storage/base/check.hpp"

namespace factord::net::testing {

client::client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  FACTORD_CHECK(::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
}

client::client(const std::string& unix_path) : fd_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  FACTORD_CHECK(unix_path.size() < sizeof(address.sun_path));
  std::memcpy(address.sun_path, unix_path.data(), unix_path.size());
  FACTORD_CHECK(::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
}

bool client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void client::close_sending_half() { ::shutdown(fd_.get(), SHUT_WR); }

std::string client::receive_some() {
  std::array<char, 65536> bytes;
  const ssize_t size = ::recv(fd_.get(), bytes.data(), bytes.size(), 0);
  return {bytes.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

std::string client::receive_all() {
  std::string all;
  for (std::string part = receive_some(); !part.empty(); part = receive_some()) all += part;
  return all;
}

std::string client::receive_until(std::string_view text) {
  std::string all;
  while (all.find(text) == std::string::npos) {
    const std::string part = receive_some();
    if (part.empty()) break;
    all += part;
  }
  return all;
}

}  // namespace factord::net::testing
