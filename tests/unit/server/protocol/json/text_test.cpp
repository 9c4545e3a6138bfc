#include "server/protocol/json/text.hpp"

#include <gtest/gtest.h>

namespace factord::protocol::text_test {
namespace {

using namespace std::string_view_literals;

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

TEST(json_text, escapes_what_must_be_and_nothing_else) {
  EXPECT_EQ(quoted(""), R"("")");
  EXPECT_EQ(quoted("plain/\u00e9"), "\"plain/\u00e9\"");
  EXPECT_EQ(quoted("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(quoted("\n\r\t\x01\x1f"), R"("\n\r\t\u0001\u001f")");
  EXPECT_EQ(quoted("a\0b"sv), R"("a\u0000b")");
}

TEST(json_text, what_is_no_utf8_is_replaced) {
  EXPECT_EQ(quoted("\xff"), R"("\ufffd")");
  EXPECT_EQ(quoted("a\xc3"), R"("a\ufffd")");
  EXPECT_EQ(quoted("\xc3(\xe2\x82\xac\xf0\x9f\x94\x91\x80z"),
            "\"\\ufffd(\xe2\x82\xac\xf0\x9f\x94\x91\\ufffdz\"");
  EXPECT_EQ(quoted("\xed\xa0\x80"), R"("\ufffd\ufffd\ufffd")");
}

TEST(json_text, numbers_are_strings) {
  std::string out;
  append_json_number(out, 18'446'744'073'709'551'615U);
  EXPECT_EQ(out, R"("18446744073709551615")");
}

TEST(json_text, times_have_the_fewest_digits_that_keep_them) {
  struct {
    std::int64_t micros;
    std::string_view text;
  } const cases[] = {
      {0, R"("1970-01-01T00:00:00Z")"},
      {1'732'200'491'999'000, R"("2024-11-21T14:48:11.999Z")"},
      {1'732'200'491'999'001, R"("2024-11-21T14:48:11.999001Z")"},
      {1'732'200'491'000'010, R"("2024-11-21T14:48:11.000010Z")"},
      {951'782'400'000'000, R"("2000-02-29T00:00:00Z")"},
      {253'402'300'799'999'999, R"("9999-12-31T23:59:59.999999Z")"},
  };
  for (const auto& one : cases) {
    std::string out;
    append_json_time(out, from_micros(one.micros));
    EXPECT_EQ(out, one.text);
  }
}

TEST(json_text, durations_are_seconds_with_the_fewest_digits) {
  struct {
    std::int64_t micros;
    const char* text;
  } const cases[] = {
      {0, R"("0s")"},
      {1, R"("0.000001s")"},
      {-1'000, R"("-0.001s")"},
      {5'000'000, R"("5s")"},
      {86'400'120'000, R"("86400.120s")"},
      {-86'399'999'999, R"("-86399.999999s")"},
  };
  for (const auto& one : cases) {
    std::string out;
    append_json_duration(out, std::chrono::microseconds{one.micros});
    EXPECT_EQ(out, one.text);
  }
}

}  // namespace
}  // namespace factord::protocol::text_test
