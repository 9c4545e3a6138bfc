#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "storage/base/clock.hpp"
#include "storage/base/error.hpp"

/// What becomes of the wall clock while we trust it.
namespace factord {

/// Both clocks, read together.
struct clock_reading {
  timestamp wall;
  std::chrono::steady_clock::time_point steady;

  [[nodiscard]] static clock_reading take() {
    return {system_now(), std::chrono::steady_clock::now()};
  }
};

/// How far the wall clock was from where the steady clock would have it, counted from the first
/// reading, before a step and after it.
struct clock_step {
  std::chrono::microseconds before;
  std::chrono::microseconds after;

  [[nodiscard]] std::chrono::microseconds size() const noexcept { return after - before; }
};

/// Tells steps of the wall clock from the time that passes. Slewing shows in neither: it changes
/// the rate of both clocks alike. What is left that is no mistake is a leap second (one second) and
/// a thread that is stopped between the two readings, so a step is 5 s or more, at once or added
/// up. Where the machine sleeps, the steady clock does, and waking up is a step: deadlines have
/// not heard of that time either. One thread.
class clock_step_detector {
 public:
  static constexpr std::chrono::seconds threshold{5};

  explicit clock_step_detector(const clock_reading& first) : first_(first) {}

  /// The step since the readings before, if there was one.
  [[nodiscard]] std::optional<clock_step> observe(const clock_reading& now);

 private:
  const clock_reading first_;
  std::chrono::microseconds offset_{0};  ///< of the last step
};

/// Refuses a log whose last event is more than the tolerance ahead of the wall clock: one of them
/// is wrong, and what is written now would be given the time of that event. Says what to do.
[[nodiscard]] result<void> check_clock(timestamp wall, timestamp last_event);

}  // namespace factord
