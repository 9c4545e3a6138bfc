#include "storage/postgres/store_clock.hpp"

#include <gtest/gtest.h>

namespace factord::storage::store_clock_test {
namespace {

using namespace std::chrono_literals;

TEST(store_clock, is_the_wall_clock_until_the_database_has_said_something) {
  const store_clock clock;
  const timestamp before = system_now();
  const timestamp now = clock.now({});
  EXPECT_LE(before, now);
  EXPECT_LE(now, system_now());
}

TEST(store_clock, goes_on_with_the_steady_clock_from_what_the_database_said_last) {
  store_clock clock;
  const store_clock::steady_time heard{100s};
  clock.see(from_micros(5'000'000), heard);
  EXPECT_EQ(clock.now(heard), from_micros(5'000'000));
  EXPECT_EQ(clock.now(heard + 3s), from_micros(8'000'000));
  clock.see(from_micros(1'000'000), heard + 4s);  // it was set back
  EXPECT_EQ(clock.now(heard + 5s), from_micros(2'000'000));
}

}  // namespace
}  // namespace factord::storage::store_clock_test
