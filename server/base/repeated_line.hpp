#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace factord {

/// Says when a line of the log is due of something that may happen often: one a second at most. Any
/// thread.
class repeated_line {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// It happened. How often it has since the last line, where one is due now; else 0.
  [[nodiscard]] std::uint64_t due(time_point now) noexcept;

 private:
  std::atomic<std::uint64_t> untold_{0};
  std::atomic<time_point::rep> next_{time_point::min().time_since_epoch().count()};
};

}  // namespace factord
