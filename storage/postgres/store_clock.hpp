#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "storage/base/clock.hpp"

namespace factord::storage {

/// The database's clock as this process knows it: what it said last, and the steady time since. It
/// is off by less than the round trip it came with. Before the first word of it, the wall clock.
/// Any thread.
class store_clock {
 public:
  using steady_time = std::chrono::steady_clock::time_point;

  /// The database has said that it is `said`, which was heard at `heard`.
  void see(timestamp said, steady_time heard) noexcept {
    ahead_.store(to_micros(said) - micros_of(heard), std::memory_order_relaxed);
    heard_.store(true, std::memory_order_release);
  }

  [[nodiscard]] timestamp now(steady_time at) const noexcept {
    if (!heard_.load(std::memory_order_acquire)) return system_now();
    return from_micros(micros_of(at) + ahead_.load(std::memory_order_relaxed));
  }

 private:
  static std::int64_t micros_of(steady_time time) noexcept {
    return std::chrono::floor<std::chrono::microseconds>(time).time_since_epoch().count();
  }

  std::atomic<std::int64_t> ahead_{0};  ///< of the steady clock, in microseconds
  std::atomic<bool> heard_{false};
};

}  // namespace factord::storage
