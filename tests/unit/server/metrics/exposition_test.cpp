#include "server/metrics/exposition.hpp"

#include <gtest/gtest.h>

namespace factord::metrics::exposition_test {
namespace {

TEST(exposition, says_what_a_metric_is_before_its_samples) {
  std::string out;
  exposition to(out);
  to.begin("a_total", metric_kind::counter, "What a is.");
  to.sample({{"x", "1"}, {"y", "2"}}, std::uint64_t{18'446'744'073'709'551'615U});
  to.sample({}, std::uint64_t{0});
  to.begin("b", metric_kind::gauge, "What b is.");
  to.sample({}, 0.25);
  EXPECT_EQ(out,
            "# HELP a_total What a is.\n"
            "# TYPE a_total counter\n"
            "a_total{x=\"1\",y=\"2\"} 18446744073709551615\n"
            "a_total 0\n"
            "# HELP b What b is.\n"
            "# TYPE b gauge\n"
            "b 0.25\n");
}

TEST(exposition, no_value_of_a_label_ends_it) {
  std::string out;
  exposition to(out);
  to.begin("a", metric_kind::gauge, "h");
  out.clear();
  to.sample({{"x", "\"} 7\na{\\"}}, std::uint64_t{1});
  EXPECT_EQ(out, "a{x=\"\\\"} 7\\na{\\\\\"} 1\n");
}

TEST(exposition, a_histogram_adds_up) {
  duration_histogram took;
  took.record(250'000);
  took.record(3'000'000'000);
  took.record(20'000'000'000);
  duration_histogram::view view;
  took.add_to(view);
  std::string out;
  exposition to(out);
  to.begin("t_seconds", metric_kind::histogram, "h");
  out.clear();
  to.sample({{"op", "x"}}, view, 1e9);
  EXPECT_EQ(out,
            "t_seconds_bucket{op=\"x\",le=\"0.00025\"} 1\n"
            "t_seconds_bucket{op=\"x\",le=\"0.0005\"} 1\n"
            "t_seconds_bucket{op=\"x\",le=\"0.001\"} 1\n"
            "t_seconds_bucket{op=\"x\",le=\"0.002\"} 1\n"
            "t_seconds_bucket{op=\"x\",le=\"0.004\"} 1\n"
            "t_seconds_bucket{op=\"x\",le=\"0.008\"} 1\n"
            "t_seconds_bucket{op=\"x\",le=\"0.016\"} 1\n"
            "t_seconds_bucket{op=\"x\",le=\"0.032\"} 1\n"
            "t_seconds_bucket{op=\"x\",le=\"0.064\"} 1\n"
            "t_seconds_bucket{op=\"x\",le=\"0.128\"} 1\n"
            "t_seconds_bucket{op=\"x\",le=\"0.256\"} 1\n"
            "t_seconds_bucket{op=\"x\",le=\"0.512\"} 1\n"
            "t_seconds_bucket{op=\"x\",le=\"1\"} 1\n"
            "t_seconds_bucket{op=\"x\",le=\"2.5\"} 1\n"
            "t_seconds_bucket{op=\"x\",le=\"10\"} 2\n"
            "t_seconds_bucket{op=\"x\",le=\"+Inf\"} 3\n"
            "t_seconds_sum{op=\"x\"} 23.00025\n"
            "t_seconds_count{op=\"x\"} 3\n");
}

}  // namespace
}  // namespace factord::metrics::exposition_test
