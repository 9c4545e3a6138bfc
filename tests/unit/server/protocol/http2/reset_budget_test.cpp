#include "server/protocol/http2/reset_budget.hpp"

#include <gtest/gtest.h>

namespace factord::protocol::http2::reset_budget_test {
namespace {

using namespace std::chrono_literals;

using time_point = reset_budget::time_point;

int take_all(reset_budget& budget, time_point now) {
  int taken = 0;
  while (budget.take(now)) ++taken;
  return taken;
}

TEST(reset_budget, has_a_burst_of_which_a_thirtieth_comes_back_each_second) {
  const time_point start{1000h};
  reset_budget budget(60);
  EXPECT_EQ(take_all(budget, start), 60);
  EXPECT_EQ(take_all(budget, start + 999ms), 0);
  EXPECT_EQ(take_all(budget, start + 1s), 3);
  EXPECT_EQ(take_all(budget, start + 1999ms), 0);
  EXPECT_EQ(take_all(budget, start + 3s), 6);
}

TEST(reset_budget, is_never_more_than_the_burst) {
  const time_point start{1000h};
  reset_budget budget(60);
  EXPECT_EQ(take_all(budget, start), 60);
  EXPECT_EQ(take_all(budget, start + 24h), 60);
}

TEST(reset_budget, of_one_comes_back_each_second) {
  const time_point start{1000h};
  reset_budget budget(1);
  EXPECT_EQ(take_all(budget, start), 1);
  EXPECT_EQ(take_all(budget, start + 1s), 1);
}

}  // namespace
}  // namespace factord::protocol::http2::reset_budget_test
