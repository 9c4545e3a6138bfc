#include "server/base/progress_watch.hpp"

#include <gtest/gtest.h>

namespace factord::progress_watch_test {
namespace {

using namespace std::chrono_literals;

class progress_watch_test : public ::testing::Test {
 protected:
  bool look(std::uint64_t steps, bool has_work, std::chrono::milliseconds later = 1s) {
    now_ += later;
    return watch_.gets_on(steps, has_work, now_);
  }

  progress_watch watch_{5s, 2s};
  progress_watch::clock::time_point now_{1h};
};

TEST_F(progress_watch_test, who_has_nothing_to_do_gets_on) {
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(look(7, false));
}

TEST_F(progress_watch_test, who_makes_steps_gets_on) {
  for (std::uint64_t i = 0; i < 100; ++i) EXPECT_TRUE(look(i, true));
}

TEST_F(progress_watch_test, who_stands_still_with_work_does_not_until_the_next_step) {
  EXPECT_TRUE(look(7, false));
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(look(7, true));
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(look(7, true));
  EXPECT_TRUE(look(8, true));
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(look(8, true));
  EXPECT_FALSE(look(8, true));
  EXPECT_TRUE(look(8, false)) << "it has none any more";
}

TEST_F(progress_watch_test, the_first_look_says_nothing) {
  EXPECT_TRUE(look(0, true));
  EXPECT_TRUE(look(0, true, 4s)) << "2 s";
  EXPECT_TRUE(look(0, true, 4s)) << "4 s";
  EXPECT_FALSE(look(0, true, 4s));
}

TEST_F(progress_watch_test, a_pause_of_whoever_looks_is_not_the_others) {
  EXPECT_TRUE(look(7, true));
  EXPECT_TRUE(look(7, true));
  EXPECT_TRUE(look(7, true, 1h));
  EXPECT_TRUE(look(8, true));
}

}  // namespace
}  // namespace factord::progress_watch_test
