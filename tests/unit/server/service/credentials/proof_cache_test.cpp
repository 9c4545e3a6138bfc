#include "server/service/credentials/proof_cache.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <utility>

namespace factord::service::proof_cache_test {
namespace {

constexpr timestamp now{std::chrono::hours{24 * 20'000}};

storage::digest hash_of(std::size_t number) {
  storage::digest value{};
  std::memcpy(value.data(), &number, sizeof(number));
  return value;
}

verdict of(std::string user, std::size_t grants = 0, standing stands = {}) {
  verdict found;
  found.who.user_id = std::move(user);
  found.who.grants.resize(grants);
  found.expires_at = now + std::chrono::seconds(1);
  found.stands = stands;
  return found;
}

TEST(proof_cache, keeps_until_the_end) {
  proof_cache cache;
  EXPECT_EQ(cache.find(hash_of(1), now), nullptr);
  cache.keep(hash_of(1), of("a"));
  ASSERT_NE(cache.find(hash_of(1), now), nullptr);
  EXPECT_EQ(cache.find(hash_of(1), now)->who.user_id, "a");
  EXPECT_EQ(cache.find(hash_of(2), now), nullptr);
  const timestamp end = now + std::chrono::seconds(1);
  EXPECT_NE(cache.find(hash_of(1), end - std::chrono::microseconds(1)), nullptr);
  EXPECT_EQ(cache.find(hash_of(1), end), nullptr);
}

TEST(proof_cache, keeps_while_the_keys_do) {
  jwt::issuer_keys keys;
  proof_cache cache;
  cache.keep(hash_of(1), of("a", 0, {&keys, keys.generation()}));
  keys.use(nullptr, false);
  EXPECT_NE(cache.find(hash_of(1), now), nullptr);
  keys.use(nullptr, true);
  EXPECT_EQ(cache.find(hash_of(1), now), nullptr);
  cache.keep(hash_of(1), of("a", 0, {&keys, keys.generation()}));
  EXPECT_NE(cache.find(hash_of(1), now), nullptr);
}

std::size_t kept(proof_cache& cache, std::size_t of_these) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < of_these; ++i) count += cache.find(hash_of(i), now) != nullptr;
  return count;
}

TEST(proof_cache, holds_the_last_of_them_within_its_bound) {
  proof_cache cache;
  constexpr std::size_t many = 3 * proof_cache::grants_max;
  for (std::size_t i = 0; i < many; ++i) {
    cache.keep(hash_of(i), of("a"));
    EXPECT_NE(cache.find(hash_of(i), now), nullptr);
    ASSERT_TRUE(i < 100 || cache.find(hash_of(i - 100), now) != nullptr) << i;
  }
  EXPECT_LE(kept(cache, many), proof_cache::grants_max);
}

TEST(proof_cache, many_grants_count_as_many) {
  proof_cache cache;
  for (std::size_t i = 0; i < 10'000; ++i) cache.keep(hash_of(i), of("a", 99));
  EXPECT_LE(kept(cache, 10'000), proof_cache::grants_max / 100);
  EXPECT_GE(kept(cache, 10'000), 1U);
}

// Who is asked for stays, though others come.
TEST(proof_cache, what_is_in_use_is_kept) {
  proof_cache cache;
  cache.keep(hash_of(0), of("a"));
  for (std::size_t i = 1; i < 4 * proof_cache::grants_max; ++i) {
    cache.keep(hash_of(i), of("b"));
    ASSERT_NE(cache.find(hash_of(0), now), nullptr) << i;
  }
}

}  // namespace
}  // namespace factord::service::proof_cache_test
