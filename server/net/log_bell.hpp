#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <utility>

#include "server/net/executor.hpp"

namespace factord::net {

/// Tells a shard that the log has grown, while somebody there waits for that: once for any number
/// of times, and a hundred times a second at most. Under load there is a batch each millisecond.
class log_bell {
 public:
  /// `tell` is called on the shard's thread.
  log_bell(boost::asio::io_context& shard, std::function<void()> tell)
      : shard_(shard), tell_(std::move(tell)), timer_(shard) {}

  /// The shard: whether somebody waits. What comes to be read after this is told of.
  void watch(bool watched);
  /// Any thread: readers see more of the log. Where nobody waits it costs a load.
  void ring();

 private:
  void wait_for_pace();
  void tell();

  boost::asio::io_context& shard_;
  const std::function<void()> tell_;
  std::atomic<bool> watched_ = false;
  std::atomic<bool> ringing_ = false;  ///< and the shard has not been told yet

  // Owned by the shard's thread.
  steady_timer timer_;
  std::chrono::steady_clock::time_point told_at_{};
};

}  // namespace factord::net
