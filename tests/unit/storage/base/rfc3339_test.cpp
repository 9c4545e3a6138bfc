#include "storage/base/rfc3339.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace factord {
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

}  // namespace
}  // namespace factord
