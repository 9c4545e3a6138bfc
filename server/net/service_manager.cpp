#include "server/net/service_manager.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "server/base/log.hpp"

namespace factord::net {
namespace {

constexpr suseconds_t send_patience_us = 200'000;

std::string_view variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || failure != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

void cannot_use(const char* name) { log::warn("a variable is not understood", {{"name", name}}); }

// A path, or a name behind '@' that is in no directory. Empty where there is none.
std::string notify_address() {
  std::string address{variable("NOTIFY_SOCKET")};
  const bool known = address.starts_with('/') || address.starts_with('@');
  if (address.empty()) return address;
  if (!known || address.size() < 2 || address.size() >= sizeof(sockaddr_un::sun_path)) {
    cannot_use("NOTIFY_SOCKET");
    return "";
  }
  if (address.front() == '@') address.front() = '\0';
  return address;
}

std::chrono::milliseconds watchdog_interval() {
  const std::string_view interval = variable("WATCHDOG_USEC");
  if (interval.empty()) return std::chrono::milliseconds{0};
  const std::string_view whose = variable("WATCHDOG_PID");
  const auto pid = whole_number(whose);
  // A process that started us may have been meant.
  if (pid && *pid != static_cast<std::uint64_t>(::getpid())) return std::chrono::milliseconds{0};
  const auto us = whole_number(interval);
  constexpr std::uint64_t week_us = 7ULL * 24 * 3600 * 1'000'000;
  if (!us || *us < 1000 || (!whose.empty() && !pid)) {
    cannot_use("WATCHDOG_USEC");
    return std::chrono::milliseconds{0};
  }
  return std::chrono::milliseconds{std::min(*us, week_us) / 1000};
}

}  // namespace

service_manager service_manager::of_process() {
  service_manager found;
  found.address_ = notify_address();
  if (found.address_.empty()) return found;
  found.socket_ = storage::file_descriptor{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  const timeval patience{0, send_patience_us};
  ::setsockopt(found.socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  found.watchdog_ = watchdog_interval();
  return found;
}

void service_manager::tell(std::string_view state) const noexcept {
  if (!socket_.ok()) return;
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, address_.data(), address_.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
  const int patience = state == "WATCHDOG=1" ? MSG_DONTWAIT : 0;
  if (::sendto(socket_.get(), state.data(), state.size(), MSG_NOSIGNAL | patience,
               reinterpret_cast<const sockaddr*>(&to), size) < 0) {
    // It is gone, or does not read: nothing that we do depends on it.
  }
}

}  // namespace factord::net
