#include "server/base/meter.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace factord::meter_test {
namespace {

constexpr std::array<std::uint64_t, 3> bounds = {1, 10, 100};

TEST(histogram, a_value_counts_where_its_bound_is) {
  histogram<bounds> one;
  for (const std::uint64_t value : {0U, 1U, 2U, 10U, 11U, 100U, 101U, 5000U}) one.record(value);
  histogram_view<bounds> view;
  one.add_to(view);
  EXPECT_EQ(view.counts, (std::array<std::uint64_t, 4>{2, 2, 2, 2}));
  EXPECT_EQ(view.sum, 5225U);
}

TEST(histogram, views_add_up) {
  histogram<bounds> one;
  histogram<bounds> other;
  one.record(1);
  other.record(50);
  histogram_view<bounds> view;
  one.add_to(view);
  other.add_to(view);
  EXPECT_EQ(view.counts, (std::array<std::uint64_t, 4>{1, 0, 1, 0}));
  EXPECT_EQ(view.sum, 51U);
}

TEST(counter, is_read_while_it_is_written) {
  counter one;
  std::thread writer([&one] {
    for (int i = 0; i < 100'000; ++i) one.add();
  });
  std::uint64_t before = 0;
  while (before < 100'000) {
    const std::uint64_t now = one.get();
    ASSERT_GE(now, before);
    before = now;
  }
  writer.join();
  EXPECT_EQ(one.get(), 100'000U);
}

}  // namespace
}  // namespace factord::meter_test
