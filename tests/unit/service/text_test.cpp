#include "server/service/text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace factord::service {
namespace {

using namespace std::string_view_literals;

TEST(text, counts_code_points_not_bytes) {
  EXPECT_EQ(count_code_points(""), 0U);
  EXPECT_EQ(count_code_points("abc"), 3U);
  EXPECT_EQ(count_code_points("\u00e9\u20ac\U0001f600"), 3U);
}

TEST(text, refuses_what_is_not_utf8) {
  for (const std::string_view bad :
       {"\x80"sv, "\xc3"sv, "\xc0\xaf"sv, "\xe0\x80\x80"sv, "\xed\xa0\x80"sv, "\xf4\x90\x80\x80"sv,
        "\xf8\x88\x80\x80\x80"sv, "ok\xff"sv, "\xe2\x82"sv}) {
    EXPECT_EQ(count_code_points(bad), std::nullopt);
    EXPECT_FALSE(is_storable(bad));
  }
}

TEST(text, an_id_has_1_to_200_code_points_and_no_nul) {
  EXPECT_FALSE(valid_id(""));
  EXPECT_TRUE(valid_id("x"));
  EXPECT_FALSE(valid_id("a\0b"sv));
  std::string wide;
  for (int i = 0; i < 200; ++i) wide += "\u20ac";
  EXPECT_TRUE(valid_id(wide));
  EXPECT_FALSE(valid_id(wide + "x"));
}

}  // namespace
}  // namespace factord::service
