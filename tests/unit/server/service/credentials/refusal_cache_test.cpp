#include "server/service/credentials/refusal_cache.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace factord::service::refusal_cache_test {
namespace {

using jwt::refusal;

constexpr refusal_cache::time_point now{std::chrono::hours(1)};

storage::digest hash_of(std::size_t number, unsigned char last = 0) {
  storage::digest value{};
  std::memcpy(value.data(), &number, sizeof(number));
  value.back() = last;
  return value;
}

TEST(refusal_cache, knows_what_was_refused_for_a_while) {
  refusal_cache cache;
  EXPECT_FALSE(cache.find(hash_of(1), now));
  cache.keep(hash_of(1), refusal::signature, {}, now);
  cache.keep(hash_of(2), refusal::roles, {}, now);
  EXPECT_EQ(cache.find(hash_of(1), now), refusal::signature);
  EXPECT_EQ(cache.find(hash_of(2), now), refusal::roles);
  EXPECT_FALSE(cache.find(hash_of(1, 1), now)) << "another of the same place";
  EXPECT_TRUE(cache.find(hash_of(1), now + refusal_cache::kept - std::chrono::nanoseconds(1)));
  EXPECT_FALSE(cache.find(hash_of(1), now + refusal_cache::kept));
}

TEST(refusal_cache, a_hash_of_zeros_is_not_there_from_the_start) {
  const refusal_cache cache;
  EXPECT_FALSE(cache.find(storage::digest{}, now));
}

TEST(refusal_cache, whoever_comes_last_has_the_place) {
  refusal_cache cache;
  cache.keep(hash_of(1), refusal::signature, {}, now);
  cache.keep(hash_of(1 + refusal_cache::places), refusal::signature, {}, now);
  EXPECT_FALSE(cache.find(hash_of(1), now));
  EXPECT_TRUE(cache.find(hash_of(1 + refusal_cache::places), now));
}

TEST(refusal_cache, forgets_once_the_keys_are_others) {
  jwt::issuer_keys keys;
  refusal_cache cache;
  cache.keep(hash_of(1), refusal::signature, {&keys, keys.generation()}, now);
  EXPECT_TRUE(cache.find(hash_of(1), now));
  keys.use(nullptr, true);
  EXPECT_FALSE(cache.find(hash_of(1), now));
}

}  // namespace
}  // namespace factord::service::refusal_cache_test
