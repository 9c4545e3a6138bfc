#pragma once

#include <chrono>
#include <cstdint>

namespace factord::load {

/// When the requests of an open loop are due: `rate` a second, evenly, dealt out to the threads in
/// turn. It says so whatever became of earlier ones; that is what makes the loop open.
class pacer {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// `rate` is of all threads together; `thread` is below `threads`.
  pacer(time_point start, std::uint64_t rate, std::uint64_t thread, std::uint64_t threads) noexcept
      : start_(start), rate_(rate), thread_(thread), threads_(threads) {}

  /// When this thread's request number k (from 0) is due.
  [[nodiscard]] time_point due(std::uint64_t k) const noexcept;

 private:
  time_point start_;
  std::uint64_t rate_;
  std::uint64_t thread_;
  std::uint64_t threads_;
};

}  // namespace factord::load
