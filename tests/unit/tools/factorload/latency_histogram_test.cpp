#include "tools/factorload/latency_histogram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace factord::load::latency_histogram_test {
namespace {

using namespace std::chrono_literals;

TEST(latency_histogram, is_zero_when_empty) {
  const latency_histogram none;
  EXPECT_EQ(none.count(), 0U);
  EXPECT_EQ(none.percentile(0.5), 0us);
  EXPECT_EQ(none.percentile(1), 0us);
  EXPECT_EQ(none.mean_micros(), 0);
}

TEST(latency_histogram, takes_the_nearest_rank) {
  latency_histogram hundred;
  for (int i = 100; i >= 1; --i) hundred.add(std::chrono::microseconds{i});
  EXPECT_EQ(hundred.count(), 100U);
  EXPECT_EQ(hundred.percentile(0), 1us);
  EXPECT_EQ(hundred.percentile(0.5), 50us);
  EXPECT_EQ(hundred.percentile(0.99), 99us);
  EXPECT_EQ(hundred.percentile(0.991), 100us);
  EXPECT_EQ(hundred.percentile(1), 100us);
  EXPECT_DOUBLE_EQ(hundred.mean_micros(), 50.5);
}

TEST(latency_histogram, drops_fractions_of_a_microsecond_and_negatives) {
  latency_histogram odd;
  odd.add(1'999ns);
  odd.add(-5ns);
  EXPECT_EQ(odd.percentile(1), 1us);
  EXPECT_EQ(odd.percentile(0.5), 0us);
}

// Against sorting, with values on both sides of where the table of low values ends.
TEST(latency_histogram, is_exact) {
  std::mt19937_64 random{7};
  std::lognormal_distribution<double> spread{10, 2};
  std::vector<std::int64_t> all;
  latency_histogram counted;
  for (int i = 0; i < 10'001; ++i) {
    const auto micros = static_cast<std::int64_t>(spread(random));
    all.push_back(micros);
    counted.add(std::chrono::microseconds{micros});
  }
  std::sort(all.begin(), all.end());
  ASSERT_GT(all.back(), 1 << 18);
  for (const double share : {0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999, 1.0}) {
    const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(all.size())));
    EXPECT_EQ(counted.percentile(share).count(), all[rank - 1]) << share;
  }
}

TEST(latency_histogram, merges) {
  latency_histogram one;
  latency_histogram other;
  one.add(1ms);
  one.add(10s);
  other.add(3ms);
  other.add(10s);
  one.merge(other);
  EXPECT_EQ(one.count(), 4U);
  EXPECT_EQ(one.percentile(0.5), 3ms);
  EXPECT_EQ(one.percentile(0.51), 10s);
  EXPECT_DOUBLE_EQ(one.mean_micros(), 5'001'000);
}

}  // namespace
}  // namespace factord::load::latency_histogram_test
