#include "server/base/readiness.hpp"

#include <gtest/gtest.h>

namespace factord::readiness_test {
namespace {

TEST(readiness_test, goes_forward_only) {
  readiness_state state;
  EXPECT_EQ(state.get(), readiness::starting);
  EXPECT_TRUE(state.advance(readiness::ready));
  EXPECT_FALSE(state.advance(readiness::ready));
  EXPECT_TRUE(state.advance(readiness::storage_failed));
  EXPECT_FALSE(state.advance(readiness::draining));
  EXPECT_EQ(state.get(), readiness::storage_failed);
}

TEST(readiness_test, while_commits_are_stuck_it_is_as_if_the_store_were_away) {
  readiness_state state;
  state.set_stuck(true);
  EXPECT_EQ(state.get(), readiness::starting);
  EXPECT_TRUE(state.advance(readiness::ready));
  EXPECT_EQ(state.get(), readiness::store_unavailable);
  state.set_stuck(false);
  EXPECT_EQ(state.get(), readiness::ready);
  EXPECT_TRUE(state.set_available(false));
  state.set_stuck(true);
  state.set_stuck(false);
  EXPECT_EQ(state.get(), readiness::store_unavailable) << "the store says so itself";
  state.set_stuck(true);
  EXPECT_TRUE(state.advance(readiness::draining));
  EXPECT_EQ(state.get(), readiness::draining);
}

TEST(readiness_test, goes_back_and_forth_with_a_store_that_others_serve) {
  readiness_state state;
  EXPECT_FALSE(state.set_available(false)) << "it serves nobody yet";
  EXPECT_TRUE(state.advance(readiness::ready));
  EXPECT_FALSE(state.set_available(true));
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(state.set_available(false));
    EXPECT_FALSE(state.set_available(false));
    EXPECT_EQ(state.get(), readiness::store_unavailable);
    EXPECT_FALSE(state.advance(readiness::ready)) << "only the store says so";
    EXPECT_TRUE(state.set_available(true));
    EXPECT_EQ(state.get(), readiness::ready);
  }
  EXPECT_TRUE(state.set_available(false));
  EXPECT_TRUE(state.advance(readiness::draining));
  EXPECT_FALSE(state.set_available(true)) << "the end is for good";
  EXPECT_FALSE(state.set_available(false));
  EXPECT_EQ(state.get(), readiness::draining);
}

}  // namespace
}  // namespace factord::readiness_test
