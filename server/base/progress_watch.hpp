#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace factord {

/// Whether a thread that has work gets on with it, by looks at it now and then. One thread looks.
class progress_watch {
 public:
  using clock = std::chrono::steady_clock;

  /// It may have work for `patience` without a step. A look that comes later than `interval` after
  /// the one before counts as so late: it may have been us who were stopped.
  progress_watch(clock::duration patience, clock::duration interval)
      : patience_(patience), interval_(interval) {}

  /// `steps` is another number after each step.
  [[nodiscard]] bool gets_on(std::uint64_t steps, bool has_work, clock::time_point now) noexcept {
    const bool moved = !has_work || steps != steps_ || looked_ == clock::time_point{};
    stuck_ = moved ? clock::duration::zero() : stuck_ + std::min(now - looked_, interval_);
    steps_ = steps;
    looked_ = now;
    return stuck_ < patience_;
  }

 private:
  const clock::duration patience_;
  const clock::duration interval_;
  std::uint64_t steps_ = 0;
  clock::time_point looked_{};
  clock::duration stuck_{};
};

}  // namespace factord
