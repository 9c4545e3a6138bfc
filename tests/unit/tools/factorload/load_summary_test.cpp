#include "tools/factorload/load_summary.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace factord::load::load_summary_test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

load_options small_options() {
  load_options options;
  options.target_text = "http://127.0.0.1:1";
  options.token = "secret";
  options.ids = *id_range::make("1", 1'000);
  return options;
}

load_result small_result() {
  load_result outcome;
  outcome.elapsed = 2s;
  outcome.cpu = 12us;
  for (int i = 1; i <= 3; ++i) {
    outcome.counts.answered(operation::remove, 200, std::chrono::milliseconds{i});
  }
  outcome.counts.answered(operation::remove, 404, 4ms);
  outcome.counts.sent = 5;
  outcome.counts.unanswered = 1;
  return outcome;
}

TEST(load_summary, tells_people) {
  EXPECT_EQ(format_summary(small_options(), small_result()),
            "target        http://127.0.0.1:1\n"
            "load          remove, closed loop, 64 connections, pipeline 1, threads 1\n"
            "time          2.000 s\n"
            "answers       4  2.0/s\n"
            "  200         3\n"
            "  404         1\n"
            "errors        1\n"
            "  unanswered  1\n"
            "reconnects    0\n"
            "remove        p50 2.000  p90 4.000  p99 4.000  p99.9 4.000  p99.99 4.000  max 4.000"
            "  ms\n"
            "client cpu    3.00 us/answer\n");
}

TEST(load_summary, tells_programs) {
  const boost::json::value json = summary_json(small_options(), small_result());
  EXPECT_EQ(json.at_pointer("/answers"), 4);
  EXPECT_EQ(json.at_pointer("/removed"), 3);
  EXPECT_EQ(json.at_pointer("/added"), 0);
  EXPECT_EQ(json.at_pointer("/sent"), 5);
  EXPECT_EQ(json.at_pointer("/rate"), nullptr);
  EXPECT_EQ(json.at_pointer("/answersPerSecond"), 2.0);
  EXPECT_EQ(json.at_pointer("/clientCpuMicrosPerAnswer"), 3.0);
  EXPECT_EQ(boost::json::serialize(json.at_pointer("/status")), R"({"200":3,"404":1})");
  EXPECT_EQ(json.at_pointer("/errors/unanswered"), 1);
  EXPECT_EQ(json.at_pointer("/latencyMicros/remove/p50"), 2'000);
  EXPECT_EQ(json.at_pointer("/latencyMicros/remove/max"), 4'000);
  EXPECT_FALSE(json.at_pointer("/latencyMicros").as_object().contains("add"));
}

TEST(load_summary, keeps_the_token_to_itself) {
  EXPECT_THAT(format_summary(small_options(), small_result()), ::testing::Not(HasSubstr("secret")));
  EXPECT_THAT(boost::json::serialize(summary_json(small_options(), small_result())),
              ::testing::Not(HasSubstr("secret")));
}

TEST(load_summary, of_nothing_divides_by_nothing) {
  EXPECT_THAT(format_summary(small_options(), {}), HasSubstr("answers       0  0.0/s\n"));
  EXPECT_EQ(summary_json(small_options(), {}).at("clientCpuMicrosPerAnswer"), 0.0);
}

}  // namespace
}  // namespace factord::load::load_summary_test
