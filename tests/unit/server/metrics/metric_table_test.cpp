#include "server/metrics/metric_table.hpp"

#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "server/protocol/wire/wire_status.hpp"

namespace factord::metrics::metric_table_test {
namespace {

using service::call_protocol;
using service::operation;
using service::status_code;

std::string text_of(const service::counters& counted, readiness state = readiness::ready) {
  facts of{.counted = counted, .version = "1", .store = "memory"};
  of.state = state;
  std::string out;
  write_metrics(of, out);
  return out;
}

bool has_line(const std::string& text, const std::string& line) {
  return text.find("\n" + line + "\n") != std::string::npos;
}

TEST(metric_table, each_metric_has_a_name_of_its_own_and_ends_its_help) {
  std::set<std::string_view> names;
  for (const metric& one : all_metrics()) {
    EXPECT_TRUE(names.insert(one.name).second) << one.name;
    EXPECT_TRUE(one.help.ends_with('.')) << one.name;
    EXPECT_EQ(one.name.ends_with("_total"), one.kind == metric_kind::counter) << one.name;
  }
}

TEST(metric_table, no_sample_is_there_twice_and_each_is_of_its_metric) {
  const service::counters counted(3);
  std::istringstream lines(text_of(counted));
  std::set<std::string> seen;
  std::string metric;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# HELP ")) {
      metric = line.substr(7, line.find(' ', 7) - 7);
      continue;
    }
    if (line.starts_with("#")) continue;
    EXPECT_TRUE(line.starts_with(metric)) << line;
    EXPECT_TRUE(seen.insert(line.substr(0, line.rfind(' '))).second) << line;
  }
}

TEST(metric_table, what_was_not_counted_is_there_as_zero) {
  const service::counters counted;
  const std::string text = text_of(counted);
  for (const char* line :
       {R"(factord_requests_total{operation="RemoveOTPEmail",code="OK",protocol="connect"} 0)",
        R"(factord_requests_total{operation="Stats",code="OK",protocol="json"} 0)",
        R"(factord_refusals_total{reason="deadline"} 0)",
        R"(factord_auth_failures_total{reason="inactive_subject"} 0)",
        R"(factord_events_total{type="user.pat.removed"} 0)",
        R"(factord_connections{listener="admin_socket"} 0)",
        R"(factord_request_duration_seconds_count{operation="GetUserByID"} 0)",
        R"(factord_commit_stage_duration_seconds_count{stage="queue"} 0)",
        R"(factord_commit_batch_commands_bucket{le="4096"} 0)", R"(factord_ready{state="ready"} 1)",
        R"(factord_ready{state="draining"} 0)"})
    EXPECT_TRUE(has_line(text, line)) << line;
  EXPECT_EQ(text.find(R"(operation="Stats",code="OK",protocol="grpc")"), std::string::npos)
      << "nobody can ask so";
}

TEST(metric_table, what_threads_have_counted_is_added_up) {
  service::counters counted(2);
  const auto removed = [](service::tally& on) {
    on.answered(operation::remove_otp_email, status_code::ok, call_protocol::grpc);
    on.took(operation::remove_otp_email, std::chrono::milliseconds(3));
    on.refused(service::refusal_reason::buffers);
    on.not_let_in(service::auth_failure::expired);
  };
  removed(counted.of_shard(0));
  removed(counted.of_shard(1));
  removed(counted.of_commit_thread());
  EXPECT_EQ(counted.answers(operation::remove_otp_email, status_code::ok), 3U);
  const std::string text = text_of(counted, readiness::storage_failed);
  for (const char* line :
       {R"(factord_requests_total{operation="RemoveOTPEmail",code="OK",protocol="grpc"} 3)",
        R"(factord_request_duration_seconds_sum{operation="RemoveOTPEmail"} 0.009)",
        R"(factord_refusals_total{reason="buffers"} 3)",
        R"(factord_auth_failures_total{reason="expired"} 3)",
        R"(factord_ready{state="storage_failed"} 1)", R"(factord_ready{state="ready"} 0)"})
    EXPECT_TRUE(has_line(text, line)) << line;
}

TEST(metric_table, a_code_that_is_not_usual_is_shown_once_it_was_answered) {
  service::counters counted;
  const std::string line =
      R"(factord_requests_total{operation="Stats",code="DATA_LOSS",protocol="json"} 1)";
  EXPECT_FALSE(has_line(text_of(counted), line));
  counted.of_shard(0).answered(operation::stats, status_code::data_loss, call_protocol::json);
  EXPECT_TRUE(has_line(text_of(counted), line));
}

TEST(metric_table, a_batch_is_in_all_of_its_histograms) {
  service::counters counted;
  counted.commits().measured({.commands = 5,
                              .queue = std::chrono::milliseconds(1),
                              .load = std::chrono::milliseconds(2),
                              .decide = std::chrono::milliseconds(3),
                              .write = std::chrono::milliseconds(4),
                              .sync = std::chrono::milliseconds(2),
                              .sequence = 17});
  counted.commits().synced(std::chrono::milliseconds(6));
  const std::string text = text_of(counted);
  for (const char* line :
       {R"(factord_commit_stage_duration_seconds_sum{stage="queue"} 0.001)",
        R"(factord_commit_stage_duration_seconds_sum{stage="load"} 0.002)",
        R"(factord_commit_stage_duration_seconds_sum{stage="decide"} 0.003)",
        R"(factord_commit_stage_duration_seconds_sum{stage="write"} 0.004)",
        "factord_sync_duration_seconds_sum 0.008", "factord_sync_duration_seconds_count 2",
        R"(factord_commit_batch_commands_bucket{le="4"} 0)",
        R"(factord_commit_batch_commands_bucket{le="8"} 1)", "factord_commit_batch_commands_sum 5",
        "factord_last_sequence 17"})
    EXPECT_TRUE(has_line(text, line)) << line;
}

TEST(process_facts, are_those_of_this_process) {
  const process_facts before = process_facts::read();
  EXPECT_GT(before.cpu_seconds, 0);
  EXPECT_GT(before.resident_bytes, 1U << 20U);
  EXPECT_GE(before.virtual_bytes, before.resident_bytes);
  EXPECT_GE(before.open_files, 3U);
  EXPECT_GT(before.most_files, before.open_files);
  EXPECT_GE(before.threads, 1U);
  const double now = static_cast<double>(to_micros(system_now())) / 1e6;
  EXPECT_LT(before.start_time, now + 2);
  EXPECT_GT(before.start_time, now - 3600);
}

}  // namespace
}  // namespace factord::metrics::metric_table_test
