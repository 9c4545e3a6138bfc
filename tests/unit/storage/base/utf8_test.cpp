#include "storage/base/utf8.hpp"

#include <gtest/gtest.h>

namespace factord::utf8_test {
namespace {

TEST(utf8_test, characters_of_every_length) {
  EXPECT_EQ(utf8_length("a"), 1U);
  EXPECT_EQ(utf8_length("\xC3\xA4x"), 2U);
  EXPECT_EQ(utf8_length("\xE2\x82\xACx"), 3U);
  EXPECT_EQ(utf8_length("\xF0\x9F\x94\x91x"), 4U);
  EXPECT_EQ(utf8_length("\xED\x9F\xBF"), 3U);      // U+D7FF
  EXPECT_EQ(utf8_length("\xF4\x8F\xBF\xBF"), 4U);  // U+10FFFF
}

TEST(utf8_test, what_is_no_character) {
  for (const char* text :
       {"", "\x80", "\xC3", "\xC3(", "\xC0\xAF", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80",
        "\xE2\x82", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF"}) {
    EXPECT_EQ(utf8_length(text), 0U) << text;
  }
}

}  // namespace
}  // namespace factord::utf8_test
