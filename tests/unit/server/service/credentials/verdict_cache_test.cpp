#include "server/service/credentials/verdict_cache.hpp"

#include <gtest/gtest.h>

#include "server/service/credentials/token_epoch.hpp"

namespace factord::service::verdict_cache_test {
namespace {

storage::digest hash(unsigned char byte) {
  storage::digest value{};
  value.fill(byte);
  return value;
}

verdict of(std::string_view user) {
  verdict found;
  found.who.user_id = user;
  return found;
}

TEST(verdict_cache, keeps_verdicts_of_one_epoch) {
  verdict_cache cache;
  cache.keep(hash(1), 5, of("a"));
  ASSERT_NE(cache.find(hash(1), 5), nullptr);
  EXPECT_EQ(cache.find(hash(1), 5)->who.user_id, "a");
  EXPECT_EQ(cache.find(hash(2), 5), nullptr);
  EXPECT_EQ(cache.find(hash(1), 6), nullptr);
}

TEST(verdict_cache, drops_a_verdict_that_was_looked_up_before_a_change) {
  verdict_cache cache;
  EXPECT_EQ(cache.find(hash(1), 6), nullptr);
  cache.keep(hash(1), 5, of("a"));
  EXPECT_EQ(cache.find(hash(1), 6), nullptr);
}

TEST(newest_token_epoch, only_goes_up) {
  newest_token_epoch newest;
  EXPECT_EQ(newest.current(), 0U);
  for (const std::uint64_t seen : {5U, 4U, 5U, 7U, 0U}) newest.see(seen);
  EXPECT_EQ(newest.current(), 7U);
}

}  // namespace
}  // namespace factord::service::verdict_cache_test
