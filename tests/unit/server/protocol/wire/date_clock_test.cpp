#include "server/protocol/wire/date_clock.hpp"

#include <gtest/gtest.h>

namespace factord::protocol::date_clock_test {
namespace {

TEST(date_clock_test, is_an_imf_fixdate) {
  date_clock clock{timestamp{}};
  EXPECT_EQ(clock.text(), "Thu, 01 Jan 1970 00:00:00 GMT");
  clock.set(from_micros(784'111'777'999'999));  // the example of RFC 9110, section 5.6.7
  EXPECT_EQ(clock.text(), "Sun, 06 Nov 1994 08:49:37 GMT");
  clock.set(from_micros(1'709'251'199'000'000));
  EXPECT_EQ(clock.text(), "Thu, 29 Feb 2024 23:59:59 GMT");
}

}  // namespace
}  // namespace factord::protocol::date_clock_test
