#include "storage/base/rfc3339.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace factord::rfc3339_test {
namespace {

std::string text_of(std::int64_t micros, fraction digits) {
  std::string text = "at ";
  append_rfc3339(text, from_micros(micros), digits);
  return text;
}

TEST(rfc3339, times) {
  struct {
    std::int64_t micros;
    const char* shortest;
    const char* in_micros;
  } const cases[] = {
      {0, "at 1970-01-01T00:00:00Z", "at 1970-01-01T00:00:00.000000Z"},
      {-1, "at 1969-12-31T23:59:59.999999Z", "at 1969-12-31T23:59:59.999999Z"},
      {1'732'200'491'999'000, "at 2024-11-21T14:48:11.999Z", "at 2024-11-21T14:48:11.999000Z"},
      {1'732'200'491'000'010, "at 2024-11-21T14:48:11.000010Z", "at 2024-11-21T14:48:11.000010Z"},
      {951'782'400'000'000, "at 2000-02-29T00:00:00Z", "at 2000-02-29T00:00:00.000000Z"},
      // The first and the last that RFC 3339 can say, and those beside them.
      {-62'167'219'200'000'000, "at 0000-01-01T00:00:00Z", "at 0000-01-01T00:00:00.000000Z"},
      {-62'167'219'200'000'001, "at -1-12-31T23:59:59.999999Z", "at -1-12-31T23:59:59.999999Z"},
      {253'402'300'799'999'999, "at 9999-12-31T23:59:59.999999Z", "at 9999-12-31T23:59:59.999999Z"},
      {253'402'300'800'000'000, "at 10000-01-01T00:00:00Z", "at 10000-01-01T00:00:00.000000Z"},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(text_of(one.micros, fraction::shortest), one.shortest);
    EXPECT_EQ(text_of(one.micros, fraction::micros), one.in_micros);
  }
}

TEST(rfc3339, any_time_has_a_text) {
  for (const std::int64_t micros :
       {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_EQ(text_of(micros, fraction::micros).back(), 'Z');
  }
}

TEST(rfc3339, times_are_read) {
  struct {
    const char* text;
    std::int64_t micros;
  } const cases[] = {
      {"1970-01-01T00:00:00Z", 0},
      {"1970-01-01t00:00:00z", 0},
      {"1969-12-31T23:59:59.999999Z", -1},
      {"2024-11-21T14:48:11.999Z", 1'732'200'491'999'000},
      {"2024-11-21T16:18:11.999+01:30", 1'732'200'491'999'000},
      {"2024-11-21T02:48:11.999-12:00", 1'732'200'491'999'000},
      {"2000-02-29T00:00:00-00:00", 951'782'400'000'000},
      // Of a time in between, the next: whatever is at or behind the one is behind the other.
      {"1970-01-01T00:00:00.0000001Z", 1},
      {"1970-01-01T00:00:00.0000010Z", 1},
      {"1970-01-01T00:00:00.00000100000000000000000000000000001Z", 2},
      {"1969-12-31T23:59:59.9999999Z", 0},
      {"0000-01-01T00:00:00Z", -62'167'219'200'000'000},
      {"9999-12-31T23:59:59.999999Z", 253'402'300'799'999'999},
  };
  for (const auto& one : cases)
    EXPECT_EQ(parse_rfc3339(one.text), from_micros(one.micros)) << one.text;
}

TEST(rfc3339, what_is_no_time_is_not_read) {
  for (const char* const text : {"",
                                 "2024",
                                 "2024-11-21",
                                 "2024-11-21T14:48Z",
                                 "2024-11-21T14:48:11",
                                 "2024-11-21 14:48:11Z",
                                 "2024-11-21T14:48:11.Z",
                                 "2024-11-21T14:48:11,5Z",
                                 "2024-11-21T14:48:11Zx",
                                 " 2024-11-21T14:48:11Z",
                                 "24-11-21T14:48:11Z",
                                 "+024-11-21T14:48:11Z",
                                 "2024-00-21T14:48:11Z",
                                 "2024-13-21T14:48:11Z",
                                 "2024-11-00T14:48:11Z",
                                 "2024-11-31T14:48:11Z",
                                 "2023-02-29T00:00:00Z",
                                 "2024-11-21T24:00:00Z",
                                 "2024-11-21T14:60:11Z",
                                 "2024-11-21T14:48:60Z",
                                 "2024-11-21T14:48:11+24:00",
                                 "2024-11-21T14:48:11+01:60",
                                 "2024-11-21T14:48:11+0100",
                                 "2024-11-21T14:48:11 01:00",
                                 "2024-11-21T14:48:11+",
                                 "2024-1-21T14:48:11Z",
                                 "1732200491"}) {
    EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
  }
}

TEST(rfc3339, what_is_written_is_read) {
  for (const std::int64_t micros : {0LL, -1LL, 1'732'200'491'000'010LL, 1'732'200'491'999'000LL})
    EXPECT_EQ(parse_rfc3339(text_of(micros, fraction::shortest).substr(3)), from_micros(micros));
}

}  // namespace
}  // namespace factord::rfc3339_test
