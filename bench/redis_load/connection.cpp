#include "bench/redis_load/connection.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace factord::bench {
namespace {

void require(bool good, const char* doing) {
  if (!good) throw std::system_error(errno, std::generic_category(), doing);
}

}  // namespace

redis_connection::redis_connection(std::uint16_t port)
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  require(fd_ >= 0, "socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  require(::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0,
          "connect");
  const int on = 1;
  require(::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0, "TCP_NODELAY");
}

redis_connection::~redis_connection() { ::close(fd_); }

void redis_connection::ask(const source& next, std::size_t depth) {
  output_.clear();
  const auto now = clock::now();
  while (asked_.size() < depth && next(output_)) asked_.push_back(now);
  send_all(output_);
}

void redis_connection::send_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    require(sent > 0, "send");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void redis_connection::receive(redis_tally& counts) {
  std::array<char, 16'384> space;
  const ssize_t got = ::recv(fd_, space.data(), space.size(), 0);
  require(got >= 0, "recv");
  if (got == 0) throw std::runtime_error("Redis closed a connection");
  const auto now = clock::now();
  input_.append(space.data(), static_cast<std::size_t>(got));
  std::string_view rest = input_;
  // Answers are integers or errors: one line each.
  for (auto end = rest.find("\r\n"); end != std::string_view::npos; end = rest.find("\r\n")) {
    count(rest.substr(0, end), counts, now);
    rest.remove_prefix(end + 2);
  }
  input_.erase(0, input_.size() - rest.size());
}

void redis_connection::count(std::string_view line, redis_tally& counts, clock::time_point now) {
  if (asked_.empty()) throw std::runtime_error("Redis answered what was not asked");
  counts.latency.add(now - asked_.front());
  asked_.pop_front();
  if (!line.starts_with(':')) {
    ++counts.errors;
  } else if (line == ":0") {
    ++counts.absent;
  } else {
    ++counts.removed;
  }
}

}  // namespace factord::bench
