#include "server/protocol/wire/line.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

namespace factord::protocol::line_test {
namespace {

using enum line_verdict;

constexpr std::size_t most = 8;

struct step {
  line_verdict verdict;
  std::string line;
  bool operator==(const step&) const = default;
};

std::ostream& operator<<(std::ostream& out, const step& one) {
  return out << static_cast<int>(one.verdict) << " '" << one.line << "'";
}

/// Takes lines until something else comes, which is the last step.
std::vector<step> steps_of(std::string_view text, bool goes_on = false) {
  std::vector<step> steps;
  for (;;) {
    std::string_view found;
    const line_verdict verdict = take_line(text, goes_on, most, found);
    steps.push_back({verdict, verdict == line ? std::string(found) : std::string()});
    if (verdict != line && verdict != blank) return steps;
  }
}

struct row {
  std::string_view text;
  std::vector<step> steps;
};

TEST(line_test, a_text_that_is_over) {
  const std::vector<row> rows = {
      {"", {{end, ""}}},
      {"a\n", {{line, "a"}, {end, ""}}},
      {"a\nb\n", {{line, "a"}, {line, "b"}, {end, ""}}},
      {"a\nb", {{line, "a"}, {line, "b"}, {end, ""}}},
      {"a\r\nb\r\n", {{line, "a"}, {line, "b"}, {end, ""}}},
      {"a\r", {{line, "a"}, {end, ""}}},
      {"a\rb\n", {{line, "a\rb"}, {end, ""}}},
      {"a\r\r\n", {{line, "a\r"}, {end, ""}}},
      {"\n", {{blank, ""}, {end, ""}}},
      {"\r\n", {{blank, ""}, {end, ""}}},
      {" \t\r\n", {{blank, ""}, {end, ""}}},
      {" ", {{blank, ""}, {end, ""}}},
      {"\r", {{blank, ""}, {end, ""}}},
      {"\n\na\n", {{blank, ""}, {blank, ""}, {line, "a"}, {end, ""}}},
      {"12345678\n", {{line, "12345678"}, {end, ""}}},
      {"12345678", {{line, "12345678"}, {end, ""}}},
      {"12345678\r\n", {{line, "12345678"}, {end, ""}}},
      {"12345678\r", {{line, "12345678"}, {end, ""}}},
      {"123456789\n", {{too_long, ""}}},
      {"123456789", {{too_long, ""}}},
      {"1234567\r\r\n", {{line, "1234567\r"}, {end, ""}}},
      {"12345678\r\r\n", {{too_long, ""}}},
      {"a\n123456789\nb\n", {{line, "a"}, {too_long, ""}}},
      {"         \n", {{too_long, ""}}},
  };
  for (const row& one : rows) EXPECT_EQ(steps_of(one.text), one.steps) << one.text;
}

TEST(line_test, a_text_that_goes_on) {
  const std::vector<row> rows = {
      {"", {{unfinished, ""}}},
      {"a", {{unfinished, ""}}},
      {"a\r", {{unfinished, ""}}},
      {"a\n", {{line, "a"}, {unfinished, ""}}},
      {"a\nb", {{line, "a"}, {unfinished, ""}}},
      {"12345678", {{unfinished, ""}}},
      {"12345678\r", {{unfinished, ""}}},
      {"123456789", {{too_long, ""}}},
      {"12345678\r\r", {{too_long, ""}}},
      {"123456789\n", {{too_long, ""}}},
  };
  for (const row& one : rows) EXPECT_EQ(steps_of(one.text, true), one.steps) << one.text;
}

TEST(line_test, what_is_no_line_is_left) {
  std::string_view text = "a\nbc";
  std::string_view found;
  EXPECT_EQ(take_line(text, true, most, found), line);
  EXPECT_EQ(text, "bc");
  EXPECT_EQ(take_line(text, true, most, found), unfinished);
  EXPECT_EQ(text, "bc");
  EXPECT_EQ(take_line(text, false, most, found), line);
  EXPECT_EQ(found, "bc");
  EXPECT_EQ(text, "");
}

TEST(line_test, the_same_however_it_is_cut) {
  const std::string text = "one\r\n\ntwo\n  \nthree\r\nlast";
  const std::vector<step> whole = steps_of(text);
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    std::vector<step> seen;
    std::string held;
    for (const bool goes_on : {true, false}) {
      held += goes_on ? text.substr(0, cut) : text.substr(cut);
      std::string_view rest = held;
      for (;;) {
        std::string_view found;
        const line_verdict verdict = take_line(rest, goes_on, most, found);
        if (verdict == unfinished) break;
        seen.push_back({verdict, verdict == line ? std::string(found) : std::string()});
        if (verdict == end) break;
      }
      held = rest;
    }
    EXPECT_EQ(seen, whole) << cut;
  }
}

}  // namespace
}  // namespace factord::protocol::line_test
