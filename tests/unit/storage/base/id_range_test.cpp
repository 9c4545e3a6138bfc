#include "storage/base/id_range.hpp"

#include <gtest/gtest.h>

namespace factord::id_range_test {
namespace {

TEST(id_range, counts_up_in_decimal) {
  const auto ids = id_range::make("100000000000000001", 3);
  ASSERT_TRUE(ids);
  EXPECT_EQ(ids->size(), 3U);
  EXPECT_EQ(ids->at(0), "100000000000000001");
  EXPECT_EQ(ids->at(2), "100000000000000003");
}

TEST(id_range, keeps_leading_zeros) {
  const auto ids = id_range::make("0998", 9'003);
  ASSERT_TRUE(ids);
  EXPECT_EQ(ids->at(0), "0998");
  EXPECT_EQ(ids->at(2), "1000");
  EXPECT_EQ(ids->at(9'002), "10000");
}

TEST(id_range, appends) {
  std::string text = "id=";
  id_range::make("07", 1)->append(text, 0);
  EXPECT_EQ(text, "id=07");
}

TEST(id_range, ends_where_64_bits_end) {
  const auto last = id_range::make("18446744073709551614", 2);
  ASSERT_TRUE(last);
  EXPECT_EQ(last->at(1), "18446744073709551615");
  EXPECT_EQ(id_range::make("18446744073709551614", 3).error().code, errc::bad_argument);
}

TEST(id_range, refuses_what_is_no_number_of_1_to_20_digits) {
  for (const char* bad : {"", "a", "-1", "1a", "000000000000000000001", "18446744073709551616"}) {
    EXPECT_EQ(id_range::make(bad, 1).error().code, errc::bad_argument) << bad;
  }
  EXPECT_TRUE(id_range::make("00000000000000000001", 1));
}

}  // namespace
}  // namespace factord::id_range_test
