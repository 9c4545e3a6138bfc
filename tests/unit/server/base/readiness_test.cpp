#include "server/base/readiness.hpp"

#include <gtest/gtest.h>

namespace factord {
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

}  // namespace
}  // namespace factord
