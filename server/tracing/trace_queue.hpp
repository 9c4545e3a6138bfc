#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "server/tracing/call_trace.hpp"

namespace factord::tracing {

/// What waits to be sent to a collector; what there is no room for is dropped and counted. Any
/// thread.
class trace_queue {
 public:
  explicit trace_queue(std::size_t room = 4096) : room_(room) {}

  void put(call_trace&& one) noexcept;

  /// Waits until there are some, and a moment for more; takes at most `most`, in place of what is
  /// in `out`. Empty once close() was called and nothing is left.
  void take(std::vector<call_trace>& out, std::size_t most);
  void close() noexcept;

  /// How it went with those that were taken.
  void count_sent(std::size_t calls) noexcept { sent_ += calls; }
  void count_dropped(std::size_t calls) noexcept { dropped_ += calls; }
  [[nodiscard]] std::uint64_t sent() const noexcept { return sent_; }
  [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_; }

 private:
  const std::size_t room_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<call_trace> waiting_;
  bool closed_ = false;
  std::atomic<std::uint64_t> sent_{0};
  std::atomic<std::uint64_t> dropped_{0};
};

}  // namespace factord::tracing
