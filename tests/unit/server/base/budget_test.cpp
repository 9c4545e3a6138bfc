#include "server/base/budget.hpp"

#include <gtest/gtest.h>

namespace factord::budget_test {
namespace {

TEST(budget_test, gives_as_many_as_there_are) {
  budget places(2);
  const auto first = places.enter();
  auto second = places.enter();
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(places.enter());
  EXPECT_EQ(places.used(), 2U);
  second.reset();
  EXPECT_EQ(places.used(), 1U);
  EXPECT_TRUE(places.enter());
}

TEST(budget_test, a_place_is_given_back_once_by_whoever_has_it_last) {
  budget places(1);
  {
    auto place = places.enter();
    const budget_place holder = *std::move(place);
    place.reset();
    EXPECT_EQ(places.used(), 1U);
  }
  EXPECT_EQ(places.used(), 0U);
}

TEST(budget_test, what_is_taken_of_a_part_is_taken_of_the_whole) {
  budget whole(10);
  budget one(&whole);
  budget other(&whole);
  one.take(6);
  other.take(4);
  EXPECT_EQ(one.used(), 6U);
  EXPECT_EQ(whole.used(), 10U);
  EXPECT_FALSE(one.exceeded());
  EXPECT_FALSE(one.enter());
  EXPECT_EQ(whole.used(), 10U) << "who did not get in takes nothing";
  other.take(1);
  EXPECT_TRUE(one.exceeded()) << "whoever of them took it";
  one.give_back(6);
  EXPECT_FALSE(one.exceeded());
  EXPECT_EQ(whole.used(), 5U);
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
}  // namespace factord::budget_test
