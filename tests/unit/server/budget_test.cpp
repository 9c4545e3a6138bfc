#include "server/base/budget.hpp"

#include <gtest/gtest.h>

namespace factord {
namespace {

TEST(budget_test, gives_as_many_as_there_are) {
  budget places(2);
  EXPECT_TRUE(places.try_take());
  EXPECT_TRUE(places.try_take());
  EXPECT_FALSE(places.try_take());
  EXPECT_EQ(places.used(), 2U);
  places.give_back(1);
  EXPECT_TRUE(places.try_take());
}

TEST(budget_test, is_exceeded_one_past_the_limit) {
  budget bytes(10);
  bytes.take(10);
  EXPECT_FALSE(bytes.exceeded());
  bytes.take(1);
  EXPECT_TRUE(bytes.exceeded());
  bytes.give_back(1);
  EXPECT_FALSE(bytes.exceeded());
}

}  // namespace
}  // namespace factord
