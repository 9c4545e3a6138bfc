#include "tools/common/progress_bar.hpp"

#include <gtest/gtest.h>

namespace factord::tools::progress_bar_test {
namespace {

using namespace std::chrono_literals;

TEST(progress_text, starts_empty) {
  EXPECT_EQ(progress_text("users", 0, 1'000, 0s), "users  [....................] 0%  0");
}

TEST(progress_text, says_how_far_how_fast_and_how_long_yet) {
  EXPECT_EQ(progress_text("users", 250'000, 1'000'000, 5s),
            "users  [#####...............] 25%  250,000  50,000/s  15 s left");
  EXPECT_EQ(progress_text("users", 1, 100, 100s),
            "users  [....................] 1%  1  0/s  2 h 45 min left");
  EXPECT_EQ(progress_text("users", 10, 20, 90s),
            "users  [##########..........] 50%  10  0/s  1 min 30 s left");
}

TEST(progress_text, ends_with_the_time_it_took) {
  EXPECT_EQ(progress_text("users", 1'000, 1'000, 10s),
            "users  [####################] 100%  1,000  100/s  10 s");
}

TEST(progress_text, has_no_bar_without_a_total) {
  EXPECT_EQ(progress_text("replay", 30, 0, 3s), "replay  30  10/s  3 s");
}

TEST(progress_text, never_overflows_the_bar) {
  EXPECT_EQ(progress_text("x", 3, 2, 1s), "x  [####################] 100%  3  3/s  1 s");
}

TEST(progress_text, fits_a_line) {
  const std::string line = progress_text("twelve chars", 99'999'998, 100'000'000, 40000h);
  EXPECT_LE(line.size(), 80U) << line;
}

}  // namespace
}  // namespace factord::tools::progress_bar_test
