#include "tools/common/scatter.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace factord::tools::scatter_test {
namespace {

TEST(scatter, visits_every_number_once) {
  for (const std::uint64_t size :
       {1U, 2U, 3U, 4U, 5U, 6U, 10U, 97U, 100U, 1'000U, 65'536U, 99'999U}) {
    const scatter order{size};
    std::vector<int> visits(size);
    for (std::uint64_t k = 0; k < size; ++k) ++visits.at(order.at(k));
    EXPECT_EQ(std::count(visits.begin(), visits.end(), 1), static_cast<std::ptrdiff_t>(size))
        << size;
  }
}

TEST(scatter, starts_again_after_the_last) {
  const scatter order{1'000};
  EXPECT_EQ(order.at(1'000), order.at(0));
  EXPECT_EQ(order.at(2'345), order.at(345));
}

TEST(scatter, puts_neighbours_far_apart) {
  constexpr std::uint64_t size = 1'000'000;
  const scatter order{size};
  for (std::uint64_t k = 1; k < 10'000; ++k) {
    const std::uint64_t a = order.at(k);
    const std::uint64_t b = order.at(k - 1);
    const std::uint64_t apart = a > b ? a - b : b - a;
    ASSERT_GT(apart, size / 4) << k;
  }
}

TEST(scatter, spreads_any_stretch_evenly) {
  constexpr std::uint64_t size = 1'000'000;
  const scatter order{size};
  std::vector<int> tenths(10);
  for (std::uint64_t k = 5'000; k < 6'000; ++k) ++tenths.at(order.at(k) * 10 / size);
  for (const int count : tenths) EXPECT_NEAR(count, 100, 5);
}

TEST(scatter, does_not_overflow_at_its_largest) {
  const scatter order{scatter::size_max};
  EXPECT_LT(order.at(scatter::size_max - 1), scatter::size_max);
  EXPECT_NE(order.at(scatter::size_max - 1), order.at(scatter::size_max - 2));
}

}  // namespace
}  // namespace factord::tools::scatter_test
