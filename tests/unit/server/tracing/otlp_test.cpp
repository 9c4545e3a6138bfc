#include "server/tracing/otlp.hpp"

#include <gtest/gtest.h>

#include "server/tracing/otlp.pb.h"

namespace factord::tracing::otlp_test {
namespace {

using namespace std::chrono_literals;

// The numbers of fields are checked against OpenTelemetry's own definitions in tests/clients.
otlp::ScopeSpans spans_of(const call_trace& one, const clock_pair& now) {
  otlp::ExportRequest all;
  EXPECT_TRUE(all.ParseFromString(to_otlp({&one, 1}, now, "1.2.3")));
  return all.resource_spans(0).scope_spans(0);
}

call_trace made() {
  call_trace one;
  one.context.trace.trace_id.fill('a');
  one.context.trace.span_id.fill('1');
  one.op = service::operation::get_user;
  one.asked_at = call_trace::time_point{} + 10s;
  one.answered_at = one.asked_at + 5ms;
  return one;
}

const clock_pair at_ten_seconds{call_trace::time_point{} + 10s,
                                std::chrono::system_clock::time_point{} + 1000s};

TEST(otlp, a_call_without_stages_is_one_span_of_the_time_of_day) {
  const auto scope = spans_of(made(), at_ten_seconds);
  ASSERT_EQ(scope.spans_size(), 1);
  const otlp::Span& span = scope.spans(0);
  EXPECT_EQ(span.trace_id(), std::string(16, '\xaa'));
  EXPECT_EQ(span.span_id(), std::string(8, '\x11'));
  EXPECT_EQ(span.parent_span_id(), "");
  EXPECT_EQ(span.start_time_unix_nano(), 1'000'000'000'000U);
  EXPECT_EQ(span.end_time_unix_nano(), 1'000'005'000'000U);
  EXPECT_FALSE(span.has_status());
}

TEST(otlp, each_stage_that_there_was_is_a_span) {
  call_trace one = made();
  one.admitted_at = one.asked_at + 1ms;
  EXPECT_EQ(spans_of(one, at_ten_seconds).spans_size(), 2);
  one.taken_at = one.asked_at + 2ms;
  one.ended_at = one.asked_at + 4ms;
  one.failed = true;
  const auto scope = spans_of(one, at_ten_seconds);
  ASSERT_EQ(scope.spans_size(), 4);
  EXPECT_EQ(scope.spans(0).status().code(), otlp::Status::CODE_ERROR);
  EXPECT_EQ(scope.spans(3).name(), "commit");
  EXPECT_EQ(scope.spans(3).end_time_unix_nano() - scope.spans(3).start_time_unix_nano(),
            2'000'000U);
}

TEST(otlp, an_answer_that_is_none_is_not_read) {
  EXPECT_TRUE(read_otlp_answer("").read);
  EXPECT_FALSE(read_otlp_answer("<html>").read);
  otlp::ExportResponse refused;
  refused.mutable_partial_success()->set_rejected_spans(3);
  refused.mutable_partial_success()->set_error_message("no");
  const otlp_answer said = read_otlp_answer(refused.SerializeAsString());
  EXPECT_EQ(said.rejected, 3);
  EXPECT_EQ(said.message, "no");
}

}  // namespace
}  // namespace factord::tracing::otlp_test
