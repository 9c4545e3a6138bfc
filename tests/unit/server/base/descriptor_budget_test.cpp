#include "server/base/descriptor_budget.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "storage/base/descriptors.hpp"

namespace factord::descriptor_budget_test {
namespace {

const std::vector<descriptor_needs> all_needs{
    {1, 2, 1},       {1, 2, 10'000},    {2, 2, 10'000},       {3, 5, 10'000},
    {16, 3, 50'000}, {256, 50, 10'000}, {256, 50, 1'000'000}, {2, 3, 10'000, 16},
};

std::size_t sum(const descriptor_budget& of, const descriptor_needs& needs) {
  return descriptor_budget::fixed(needs) + of.connections + of.admins + of.refusals +
         of.table_files;
}

// By asking: the limit below which nothing is shared out.
std::size_t least_limit(const descriptor_needs& needs) {
  std::size_t limit = 1;
  while (!descriptor_budget::share(limit, needs)) ++limit;
  return limit;
}

TEST(descriptor_budget_test, all_of_them_together_are_never_more_than_the_limit) {
  for (const descriptor_needs& needs : all_needs) {
    std::vector<std::size_t> limits{300,    1024,      4096,          10'240,         16'384,
                                    65'536, 1'048'576, 1'073'741'816, ~std::size_t{0}};
    const std::size_t least = least_limit(needs);
    for (std::size_t limit = least; limit < least + 4096; ++limit) limits.push_back(limit);
    for (const std::size_t limit : limits) {
      const auto shared = descriptor_budget::share(limit, needs);
      if (!shared) {
        EXPECT_LT(limit, least);
        continue;
      }
      ASSERT_LE(sum(*shared, needs), limit) << limit;
      ASSERT_LE(shared->connections, needs.connections) << limit;
      ASSERT_GE(shared->connections, std::min<std::size_t>(needs.connections, 8)) << limit;
      ASSERT_GE(shared->admins, 4U) << limit;
      ASSERT_LE(shared->admins, 64U) << limit;
      ASSERT_GE(shared->refusals, 4U) << limit;
      ASSERT_LE(shared->refusals, 1000U) << limit;
      ASSERT_GE(shared->table_files, 2 * store_files::of_a_walk) << limit;
      // Nothing lies idle, but for what nobody has a use for.
      ASSERT_TRUE(sum(*shared, needs) == limit || shared->table_files == 1'000'000U) << limit;
    }
  }
}

TEST(descriptor_budget_test, more_of_a_limit_is_never_less_of_anything) {
  for (const descriptor_needs& needs : all_needs) {
    std::size_t limit = least_limit(needs);
    auto before = descriptor_budget::share(limit, needs).value();
    for (; limit < 40'000; ++limit) {
      const auto shared = descriptor_budget::share(limit, needs).value();
      // But for the rounding of the three other shares, which may all go up by one.
      ASSERT_GE(shared.connections + 2, before.connections) << limit;
      ASSERT_GE(shared.admins, before.admins) << limit;
      ASSERT_GE(shared.refusals, before.refusals) << limit;
      before = shared;
    }
  }
}

TEST(descriptor_budget_test, one_below_the_least_limit_is_refused_and_told_what_is_needed) {
  for (const descriptor_needs& needs : all_needs) {
    const std::size_t least = least_limit(needs);
    const auto refused = descriptor_budget::share(least - 1, needs);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::unavailable);
    EXPECT_NE(refused.error().message.find("at least " + std::to_string(least)), std::string::npos)
        << refused.error().message;
    EXPECT_NE(refused.error().message.find(std::to_string(least - 1) + " are allowed"),
              std::string::npos);
    EXPECT_FALSE(descriptor_budget::share(0, needs));
  }
}

TEST(descriptor_budget_test, one_thread_starts_at_the_smallest_limits_that_people_set) {
  EXPECT_LE(least_limit({1, 2, 10'000}), 256U);
  EXPECT_GE(descriptor_budget::share(300, {1, 2, 10'000}).value().connections, 50U);
}

TEST(descriptor_budget_test, the_limit_of_the_unit_file_is_enough_for_the_default) {
  for (const std::size_t threads : {1, 8, 64, 256}) {
    const auto shared = descriptor_budget::share(16'384, {threads, 2, 10'000});
    ASSERT_TRUE(shared);
    EXPECT_EQ(shared->connections, 10'000U);
    EXPECT_EQ(shared->admins, 64U);
  }
}

TEST(descriptor_budget_test, a_program_with_a_store_alone_gives_it_the_rest) {
  EXPECT_EQ(descriptor_budget::table_files_alone(1'000'000'000), 1'000'000U);
  EXPECT_GT(descriptor_budget::table_files_alone(1024), 900U);
  EXPECT_LT(descriptor_budget::table_files_alone(1024), 1024U - store_files::own);
  // The least that a store works with: what is above the limit fails when it is needed.
  EXPECT_EQ(descriptor_budget::table_files_alone(0), 3 * store_files::of_a_walk);
}

}  // namespace
}  // namespace factord::descriptor_budget_test
