#include "server/base/clock_steps.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace factord::clock_steps_test {
namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;

struct observed {
  microseconds wall;    ///< since the reading before
  microseconds steady;  ///< since the reading before
  std::optional<clock_step> step;
};

struct run_of_readings {
  const char* name;
  std::vector<observed> readings;
};

constexpr clock_step step(microseconds before, microseconds after) { return {before, after}; }

const run_of_readings runs[] = {
    {"both clocks agree", {{1s, 1s, {}}, {1h, 1h, {}}, {0s, 0s, {}}}},
    {"forward, at the threshold and not below", {{6s - 1us, 1s, {}}, {1s + 1us, 1s, step(0s, 5s)}}},
    {"back, at the threshold and not above", {{-4s + 1us, 1s, {}}, {1s - 1us, 1s, step(0s, -5s)}}},
    {"told once", {{24h, 1s, step(0s, 24h - 1s)}, {1s, 1s, {}}, {1h, 1h, {}}}},
    {"there and back again",
     {{24h + 1s, 1s, step(0s, 24h)}, {-24h + 1s, 1s, step(24h, 0s)}, {1s, 1s, {}}}},
    {"a leap second is none, and neither is the next", {{0s, 1s, {}}, {0s, 1s, {}}, {1s, 1s, {}}}},
    {"small ones that all go one way add up",
     {{3s, 1s, {}}, {3s, 1s, {}}, {2s, 1s, step(0s, 5s)}, {5s, 1s, {}}, {2s, 1s, step(5s, 10s)}}},
    {"small ones that go back and forth do not", {{4s, 1s, {}}, {-2s, 1s, {}}, {4s, 1s, {}}}},
    {"a reading that comes late is no step", {{600s, 600s, {}}}},
    {"a machine that slept", {{8h, 1s, step(0s, 8h - 1s)}}},
};

TEST(clock_step_detector, tells_steps_from_time_that_passes) {
  for (const run_of_readings& run : runs) {
    SCOPED_TRACE(run.name);
    clock_reading now{timestamp{20'000 * 24h}, std::chrono::steady_clock::time_point{1000s}};
    clock_step_detector detector(now);
    for (const observed& next : run.readings) {
      now.wall += next.wall;
      now.steady += next.steady;
      const auto step = detector.observe(now);
      ASSERT_EQ(step.has_value(), next.step.has_value());
      if (!step) continue;
      EXPECT_EQ(step->before.count(), next.step->before.count());
      EXPECT_EQ(step->after.count(), next.step->after.count());
      EXPECT_EQ(step->size(), next.step->after - next.step->before);
    }
  }
}

TEST(check_clock, lets_a_log_be_five_minutes_ahead_and_no_more) {
  const timestamp wall{20'000 * 24h};
  EXPECT_TRUE(check_clock(wall, {})) << "an empty log";
  EXPECT_TRUE(check_clock(wall, wall - 24h));
  EXPECT_TRUE(check_clock(wall, wall + 5min));
  const auto refused = check_clock(wall, wall + 5min + 1us);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "the last event of the store is of 2024-10-04T00:05:00.000001Z, which is ahead of the "
            "clock (2024-10-04T00:00:00.000000Z): set the clock right, or, where it is right now "
            "and was not then, start with --accept-clock-step");
}

}  // namespace
}  // namespace factord::clock_steps_test
