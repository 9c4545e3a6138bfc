#include "storage/model/lower_case.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace factord::storage::lower_case_test {
namespace {

std::string lower(std::string_view text) {
  std::string out = "before ";
  append_lower_case(out, text);
  EXPECT_TRUE(out.starts_with("before "));
  return out.substr(7);
}

struct row {
  std::string_view text;
  std::string_view lower;
};

TEST(lower_case, of_what_people_are_called) {
  for (const row& one : {row{"", ""},
                         {"Ada.Byron@Example.ORG", "ada.byron@example.org"},
                         {"@[`{0", "@[`{0"},
                         {"\u00C9MILE \u00D1", "\u00E9mile \u00F1"},
                         {"\u00D7", "\u00D7"},  // the sign between letters
                         {"STRASSE \u1E9E", "strasse \u00DF"},
                         {"\u00DF", "\u00DF"},              // not "ss"
                         {"\u0130I", "ii"},                 // one character for one
                         {"\u03A3\u03A3", "\u03C3\u03C3"},  // no final sigma
                         {"\u0416", "\u0436"},
                         {"\u01C4\u01C5\u01C6", "\u01C6\u01C6\u01C6"},
                         {"\u023A\u212A", "\u2C65k"},  // more bytes, fewer bytes
                         {"\U00010400", "\U00010428"},
                         {"\u8C37\u6B4C", "\u8C37\u6B4C"},
                         {"E\u0301", "e\u0301"}}) {  // not normalized
    EXPECT_EQ(lower(one.text), one.lower) << one.text;
    EXPECT_EQ(lower(one.lower), one.lower) << "twice is once";
  }
}

TEST(lower_case, keeps_bytes_that_are_no_characters) {
  for (const std::string_view bad : {"\xFF", "a\x80", "\xC3", "\xED\xA0\x80", "\xF4\x90\x80\x80"})
    EXPECT_EQ(lower(bad), bad);
  EXPECT_EQ(lower("\xC3X"), "\xC3x");
}

std::string utf8(char32_t c) {
  if (c < 0x80) return {static_cast<char>(c)};
  if (c < 0x800) return {static_cast<char>(0xC0 | c >> 6U), static_cast<char>(0x80 | (c & 63U))};
  const auto tail = [c](unsigned shift) { return static_cast<char>(0x80 | ((c >> shift) & 63U)); };
  if (c < 0x10000) return {static_cast<char>(0xE0 | c >> 12U), tail(6), tail(0)};
  return {static_cast<char>(0xF0 | c >> 18U), tail(12), tail(6), tail(0)};
}

// Of UnicodeData.txt of Unicode 15: how many characters have a simple lower case, and the sums of
// both sides. A change of any entry is a change of the storage format.
TEST(lower_case, is_all_of_unicode_15) {
  std::uint64_t count = 0;
  std::uint64_t from = 0;
  std::uint64_t mixed = 0;
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    const std::string text = utf8(c);
    const std::string low = lower(text);
    if (low == text) continue;
    ++count;
    from += c;
    for (const char byte : low) mixed = mixed * 31 + static_cast<unsigned char>(byte);
    EXPECT_EQ(lower(low), low) << std::hex << static_cast<std::uint32_t>(c);
  }
  EXPECT_EQ(count, 1433U);
  EXPECT_EQ(from, 32222311U);
  EXPECT_EQ(mixed, 10151924568204164850U);
}

}  // namespace
}  // namespace factord::storage::lower_case_test
