#include "server/base/repeated_line.hpp"

#include <gtest/gtest.h>

namespace factord::repeated_line_test {
namespace {

using namespace std::chrono_literals;

TEST(repeated_line, one_a_second_says_how_often) {
  repeated_line line;
  const repeated_line::time_point start{};
  EXPECT_EQ(line.due(start), 1U) << "the first";
  EXPECT_EQ(line.due(start), 0U);
  EXPECT_EQ(line.due(start + 999'999'999ns), 0U);
  EXPECT_EQ(line.due(start + 1s), 3U) << "those in between, and itself";
  EXPECT_EQ(line.due(start + 1s), 0U);
}

}  // namespace
}  // namespace factord::repeated_line_test
