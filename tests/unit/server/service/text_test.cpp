#include "server/service/text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace factord::service::text_test {
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

TEST(text, is_trimmed_of_white_space_at_its_ends) {
  for (const auto& [text, kept] : std::vector<std::pair<std::string_view, std::string_view>>{
           {"", ""},
           {"a", "a"},
           {" a b ", "a b"},
           {"\t\n\v\f\r a\r\n", "a"},
           {"\u00A0\u2003a\u3000\u0085", "a"},
           {" \u2028 ", ""},
           {"\u200Ba\u200B", "\u200Ba\u200B"},  // of no width, and no white space
           {"\u00E0", "\u00E0"},
           {"\u4085", "\u4085"}}) {
    EXPECT_EQ(trimmed(text), kept) << text;
  }
}

}  // namespace
}  // namespace factord::service::text_test
