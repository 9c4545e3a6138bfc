#include "storage/postgres/host_addresses.hpp"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>

namespace factord::storage {

namespace {

using clock = std::chrono::steady_clock;
using std::chrono::nanoseconds;

addrinfo hints_with(int flags) {
  addrinfo hints{};
  hints.ai_flags = flags;
  hints.ai_socktype = SOCK_STREAM;
  return hints;
}

/// False for what is no name: an address, the path of a socket, nothing.
bool is_name(const std::string& host) {
  if (host.empty() || host.front() == '/' || host.front() == '@') return false;
  const addrinfo hints = hints_with(AI_NUMERICHOST);
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return true;
  ::freeaddrinfo(found);
  return false;
}

/// One look-up, by a thread of the C library. It stays where it is until that thread is done.
class lookup {
 public:
  explicit lookup(std::string name) : name_(std::move(name)), hints_(hints_with(0)) {
    request_.ar_name = name_.c_str();
    request_.ar_request = &hints_;
  }
  ~lookup() {
    if (request_.ar_result != nullptr) ::freeaddrinfo(request_.ar_result);
  }
  lookup(const lookup&) = delete;
  lookup& operator=(const lookup&) = delete;

  /// 0, or one of the errors of getaddrinfo().
  [[nodiscard]] int start() {
    std::array<gaicb*, 1> all{&request_};
    return ::getaddrinfo_a(GAI_NOWAIT, all.data(), 1, nullptr);
  }

  [[nodiscard]] bool is_done() { return state() != EAI_INPROGRESS; }
  [[nodiscard]] int state() { return ::gai_error(&request_); }

  void wait(clock::time_point by) {
    const std::array<const gaicb*, 1> all{&request_};
    while (!is_done()) {
      const auto left = std::chrono::duration_cast<nanoseconds>(by - clock::now());
      if (left.count() <= 0) return;
      const auto whole = std::chrono::floor<std::chrono::seconds>(left);
      const timespec patience{whole.count(), (left - whole).count()};
      // Whatever it says, the state is looked at.
      (void)::gai_suspend(all.data(), 1, &patience);
    }
  }

  [[nodiscard]] std::vector<std::string> addresses() const {
    std::vector<std::string> all;
    for (const addrinfo* at = request_.ar_result; at != nullptr; at = at->ai_next) {
      std::array<char, NI_MAXHOST> text{};
      if (::getnameinfo(at->ai_addr, at->ai_addrlen, text.data(), text.size(), nullptr, 0,
                        NI_NUMERICHOST) == 0) {
        all.emplace_back(text.data());
      }
    }
    return all;
  }

 private:
  const std::string name_;
  const addrinfo hints_;
  gaicb request_{};
};

/// Keeps a look-up that nobody waits for any more until it is done, and lets go of those that are.
void abandon(std::unique_ptr<lookup> late) {
  // Never destroyed: threads of the C library may use them until the process has ended.
  static auto& mutex = *new std::mutex;
  static auto& all = *new std::vector<std::unique_ptr<lookup>>;
  const std::lock_guard lock{mutex};
  std::erase_if(all, [](const auto& one) { return one->is_done(); });
  all.push_back(std::move(late));
}

error unresolved(std::string_view why) {
  return {errc::unavailable, "its name cannot be resolved: " + std::string{why}};
}

}  // namespace

result<std::vector<std::string>> addresses_of(const std::string& host, clock::time_point by) {
  if (!is_name(host)) return std::vector<std::string>{};
  auto one = std::make_unique<lookup>(host);
  if (const int failed = one->start(); failed != 0) return unresolved(::gai_strerror(failed));
  one->wait(by);
  const int state = one->state();
  if (state == EAI_INPROGRESS) {
    abandon(std::move(one));
    return unresolved("no name server has answered in time");
  }
  if (state != 0) return unresolved(::gai_strerror(state));
  auto found = one->addresses();
  if (found.empty()) return unresolved("it has no address");
  return found;
}

}  // namespace factord::storage
