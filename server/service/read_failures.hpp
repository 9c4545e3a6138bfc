#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "server/base/repeated_line.hpp"
#include "storage/base/error.hpp"

namespace factord::service {

/// Counts what could not be read from the store, and says why in the log: the first time, and from
/// then on once a second at most, so that one damaged place cannot fill the log. Any thread.
class read_failures {
 public:
  using time_point = repeated_line::time_point;

  /// Adds one. `what` was given up for it.
  void note(std::string_view what, const error& cause, time_point now);

  [[nodiscard]] std::uint64_t count() const noexcept {
    return count_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::uint64_t> count_{0};
  repeated_line line_;
};

}  // namespace factord::service
