#include "server/net/name_lookup.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

#include "storage/base/thread.hpp"

namespace factord::net {
namespace {

constexpr std::chrono::milliseconds look_again{100};
constexpr std::size_t open_max = 8;

// What getaddrinfo found, as Asio has it.
name_lookup::addresses read(const addrinfo* found) {
  name_lookup::addresses all;
  for (; found != nullptr; found = found->ai_next) {
    boost::asio::ip::tcp::endpoint end;
    if (found->ai_addrlen > end.capacity()) continue;
    end.resize(found->ai_addrlen);
    std::copy_n(reinterpret_cast<const char*>(found->ai_addr), found->ai_addrlen,
                reinterpret_cast<char*>(end.data()));
    all.push_back(end.address());
  }
  return all;
}

result<name_lookup::addresses> resolve(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  const int failure = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (failure != 0)
    return error{errc::unavailable, "resolving " + host + ": " + ::gai_strerror(failure)};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> kept(found, ::freeaddrinfo);
  auto all = read(found);
  if (all.empty()) return error{errc::unavailable, "resolving " + host + ": no address"};
  return all;
}

}  // namespace

/// Shared with the thread that asks it.
struct name_lookup::question {
  std::mutex mutex;
  std::condition_variable answered;
  // Guarded by mutex.
  std::optional<result<addresses>> answer;
  std::chrono::steady_clock::time_point since{};  ///< when that was there
};

name_lookup::name_lookup() : name_lookup(resolve) {}

name_lookup::name_lookup(resolver by, std::chrono::milliseconds late_good_for)
    : resolve_(std::move(by)), late_good_for_(late_good_for) {}

std::shared_ptr<name_lookup::question> name_lookup::ask(const std::string& host) {
  const auto oldest = std::chrono::steady_clock::now() - late_good_for_;
  std::erase_if(open_, [&host, oldest](const auto& one) {
    const std::lock_guard lock{one.second->mutex};
    return one.second->answer && (one.first != host || one.second->since < oldest);
  });
  if (const auto before = open_.find(host); before != open_.end()) return before->second;
  if (open_.size() >= open_max) return nullptr;
  auto asked = std::make_shared<question>();
  run_apart("names", [asked, host, by = resolve_] {
    auto found = by(host);
    const std::lock_guard lock{asked->mutex};
    asked->answer = std::move(found);
    asked->since = std::chrono::steady_clock::now();
    asked->answered.notify_all();
  });
  open_.emplace(host, asked);
  return asked;
}

result<name_lookup::addresses> name_lookup::find(const std::string& host,
                                                 std::chrono::steady_clock::time_point deadline,
                                                 const std::function<bool()>& is_over) {
  boost::system::error_code none;
  const auto literal = boost::asio::ip::make_address(host, none);
  if (!none) return addresses{literal};
  const auto asked = ask(host);
  if (asked == nullptr)
    return error{errc::unavailable, "resolving " + host + ": too many names are being asked for"};
  std::unique_lock lock{asked->mutex};
  while (!asked->answer && std::chrono::steady_clock::now() < deadline && !is_over())
    asked->answered.wait_for(lock, look_again);
  if (!asked->answer) return error{errc::unavailable, "resolving " + host + ": not in time"};
  auto answer = *std::move(asked->answer);
  lock.unlock();
  open_.erase(host);
  return answer;
}

}  // namespace factord::net
