#include "server/net/log_bell.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>

namespace factord::net {
namespace {

constexpr std::chrono::milliseconds pace{10};

}  // namespace

// Of a store and a load on either side one comes first: who does not hear of a batch by ring() has
// it to be read once watch() has returned.
void log_bell::watch(bool watched) {
  watched_.store(watched, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_seq_cst);
}

void log_bell::ring() {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (!watched_.load(std::memory_order_relaxed) || ringing_.exchange(true)) return;
  boost::asio::post(shard_, [this] { wait_for_pace(); });
}

void log_bell::wait_for_pace() {
  timer_.expires_at(std::max(told_at_ + pace, std::chrono::steady_clock::now()));
  timer_.async_wait([this](const boost::system::error_code& failure) {
    if (!failure) tell();
  });
}

void log_bell::tell() {
  told_at_ = std::chrono::steady_clock::now();
  ringing_ = false;
  tell_();
}

}  // namespace factord::net
