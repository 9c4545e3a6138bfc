#include "server/protocol/json/number.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace factord::protocol::number_test {
namespace {

TEST(json_number, is_a_whole_one_however_it_is_written) {
  for (const std::string_view text :
       {"120", "120.0", "120.000", "1.2e2", "1.2E+2", "12e1", "1200e-1", "0.012e4", "120e0",
        "1.20000e2", "120e-0", "0.00000120e8"}) {
    EXPECT_EQ(to_integer<int>(text), 120) << text;
    EXPECT_EQ(to_integer<int>("-" + std::string(text)), -120) << text;
    EXPECT_EQ(to_integer<unsigned>("-" + std::string(text)), std::nullopt) << text;
  }
  for (const std::string_view zero : {"0", "-0", "0.0", "-0.000", "0e7", "0e999999999999999999999",
                                      "0e-999999999999999999999", "0.0e5"}) {
    EXPECT_EQ(to_integer<int>(zero), 0) << zero;
    EXPECT_EQ(to_integer<unsigned>(zero), 0U) << zero;
  }
}

TEST(json_number, has_no_fraction_however_small_or_hidden) {
  for (const std::string_view text :
       {"0.5", "-0.5", "1.5", "12e-1", "1e-1", "1e-999999999999999", "1e-999999999999999999999",
        "3.00000000000000000001", "18446744073709551615.1"}) {
    EXPECT_EQ(to_whole_number(text).has_value(), false) << text;
  }
}

TEST(json_number, is_exact_at_the_end_of_each_type_and_nothing_one_past_it) {
  EXPECT_EQ(to_integer<std::int32_t>("2147483647"), std::numeric_limits<std::int32_t>::max());
  EXPECT_EQ(to_integer<std::int32_t>("2147483648"), std::nullopt);
  EXPECT_EQ(to_integer<std::int32_t>("-2147483648"), std::numeric_limits<std::int32_t>::min());
  EXPECT_EQ(to_integer<std::int32_t>("-2.147483648e9"), std::numeric_limits<std::int32_t>::min());
  EXPECT_EQ(to_integer<std::int32_t>("-2147483649"), std::nullopt);
  EXPECT_EQ(to_integer<std::uint32_t>("4294967295"), 4294967295U);
  EXPECT_EQ(to_integer<std::uint32_t>("4294967296"), std::nullopt);
  EXPECT_EQ(to_integer<std::int64_t>("9223372036854775807"),
            std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(to_integer<std::int64_t>("9223372036854775808"), std::nullopt);
  EXPECT_EQ(to_integer<std::int64_t>("-9223372036854775808"),
            std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(to_integer<std::int64_t>("-9223372036854775809"), std::nullopt);
  EXPECT_EQ(to_integer<std::int64_t>("-18446744073709551615"), std::nullopt);
  EXPECT_EQ(to_integer<std::uint64_t>("1.8446744073709551615e19"), UINT64_MAX);
  for (const std::string_view text :
       {"18446744073709551616", "1.8446744073709551616e19", "2e19", "1e20", "1e999999999999999",
        "1e999999999999999999999", "99999999999999999999999999"}) {
    EXPECT_EQ(to_integer<std::uint64_t>(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace factord::protocol::number_test
