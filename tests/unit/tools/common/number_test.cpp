#include "tools/common/number.hpp"

#include <gtest/gtest.h>

namespace factord::tools::number_test {
namespace {

TEST(number, takes_digits_only) {
  EXPECT_EQ(parse_number("0"), 0U);
  EXPECT_EQ(parse_number("010"), 10U);
  EXPECT_EQ(parse_number("18446744073709551615"), 18446744073709551615U);
  for (const char* bad :
       {"", "-1", "+1", " 1", "1 ", "1.0", "0x10", "1e3", "18446744073709551616"}) {
    EXPECT_EQ(parse_number(bad), std::nullopt) << bad;
  }
}

TEST(number, is_checked_against_both_bounds) {
  EXPECT_EQ(check_number("1", 1, 64), "");
  EXPECT_EQ(check_number("64", 1, 64), "");
  for (const char* bad : {"0", "65", "x", ""}) {
    EXPECT_EQ(check_number(bad, 1, 64), "must be a whole number from 1 to 64") << bad;
  }
}

TEST(number, is_grouped_by_three) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1'000), "1,000");
  EXPECT_EQ(grouped(100'000), "100,000");
  EXPECT_EQ(grouped(1'234'567), "1,234,567");
}

}  // namespace
}  // namespace factord::tools::number_test
