#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "storage/base/error.hpp"

namespace factord::service {

/// Counts what could not be read from the store, and says why in the log: the first time, and from
/// then on once a second at most, so that one damaged place cannot fill the log. Any thread.
class read_failures {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Adds one. `what` was given up for it.
  void note(std::string_view what, const error& cause, time_point now);

  /// The counting of note(): true where a line is due.
  [[nodiscard]] bool add(time_point now) noexcept;

  [[nodiscard]] std::uint64_t count() const noexcept {
    return count_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::uint64_t> count_{0};
  std::atomic<time_point::rep> next_line_{time_point::min().time_since_epoch().count()};
};

}  // namespace factord::service
