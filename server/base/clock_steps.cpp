#include "server/base/clock_steps.hpp"

#include "server/base/log.hpp"

namespace factord {

std::optional<clock_step> clock_step_detector::observe(const clock_reading& now) {
  using std::chrono::microseconds;
  const auto steady = std::chrono::duration_cast<microseconds>(now.steady - first_.steady);
  const microseconds offset = now.wall - first_.wall - steady;
  const clock_step step{.before = offset_, .after = offset};
  // Not against the reading before: steps that are small, but all go one way, add up.
  if (step.size() < threshold && step.size() > -threshold) return std::nullopt;
  offset_ = offset;
  return step;
}

result<void> check_clock(timestamp wall, timestamp last_event) {
  if (last_event - wall <= clock_tolerance) return {};
  return error{errc::bad_argument,
               "the last event of the store is of " + log::to_text(last_event) +
                   ", which is ahead of the clock (" + log::to_text(wall) +
                   "): set the clock right, or, where it is right now and was not then, "
                   "start with --accept-clock-step"};
}

}  // namespace factord
