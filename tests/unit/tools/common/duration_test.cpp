#include "tools/common/duration.hpp"

#include <gtest/gtest.h>

namespace factord::tools::duration_test {
namespace {

using namespace std::chrono_literals;

TEST(duration, takes_a_number_and_a_unit) {
  EXPECT_EQ(parse_duration("1s"), 1s);
  EXPECT_EQ(parse_duration("90m"), 90min);
  EXPECT_EQ(parse_duration("12h"), 12h);
  EXPECT_EQ(parse_duration("30d"), 720h);
}

TEST(duration, refuses_all_else) {
  for (const char* bad : {"", "s", "30", "d30", "-1d", "+1d", "1.5h", "1 d", "1w", "1D", "30dd"}) {
    EXPECT_EQ(parse_duration(bad), std::nullopt) << bad;
  }
}

TEST(duration, has_bounds) {
  EXPECT_EQ(parse_duration("0s"), std::nullopt);
  EXPECT_EQ(parse_duration("36500d"), duration_max);
  EXPECT_EQ(parse_duration("36501d"), std::nullopt);
  EXPECT_EQ(parse_duration("3153600000s"), duration_max);
  EXPECT_EQ(parse_duration("3153600001s"), std::nullopt);
  // 2^64 / 86400 and a bit: the product would wrap around to a small number.
  EXPECT_EQ(parse_duration("213503982334602d"), std::nullopt);
}

}  // namespace
}  // namespace factord::tools::duration_test
