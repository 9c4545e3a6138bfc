#include "server/tracing/tracer.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "storage/base/ascii.hpp"

namespace factord::tracing::tracer_test {
namespace {

trace_rules rules(std::uint32_t sampled, bool trusts = false) {
  trace_rules made;
  made.endpoint = "http://collector:4318";
  made.sampled = sampled;
  made.trusts_clients = trusts;
  return made;
}

enum class says { nothing, drop, keep };

bool traced(tracer& by, says client) {
  service::call one(0);
  one.context.trace.known = client != says::nothing;
  one.context.trace.sampled = client == says::keep;
  one.context.trace.trace_id.fill('a');
  one.context.trace.parent_id.fill('b');
  by.begin(one);
  return one.context.trace.traced;
}

TEST(tracer, samples_its_share_or_what_clients_say_where_that_counts) {
  struct row {
    std::uint32_t share;
    bool trusts, nothing, drop, keep;
  };
  constexpr auto rows = std::to_array<row>({
      {0, false, false, false, false},
      {0, true, false, false, true},
      {trace_rules::all, false, true, true, true},
      {trace_rules::all, true, true, false, true},
  });
  for (const row& one : rows) {
    trace_queue queue;
    tracer by(rules(one.share, one.trusts), 1, queue);
    EXPECT_EQ(traced(by, says::nothing), one.nothing);
    EXPECT_EQ(traced(by, says::drop), one.drop);
    EXPECT_EQ(traced(by, says::keep), one.keep);
  }
}

TEST(tracer, a_share_is_about_that) {
  trace_queue queue;
  tracer by(rules(10'000), 7, queue);
  int count = 0;
  for (int i = 0; i < 100'000; ++i) count += traced(by, says::nothing) ? 1 : 0;
  EXPECT_GT(count, 800);
  EXPECT_LT(count, 1'200);
}

TEST(tracer, without_a_collector_nothing_is_traced) {
  trace_queue queue;
  trace_rules none;
  none.sampled = trace_rules::all;
  tracer by(none, 1, queue);
  EXPECT_FALSE(traced(by, says::keep));
}

bool is_id(std::string_view text) {
  return std::ranges::all_of(text, is_hex_digit) && text.find_first_not_of('0') != text.npos;
}

TEST(tracer, what_is_traced_has_ids_and_its_own_trace_where_none_is_known) {
  trace_queue queue;
  tracer by(rules(trace_rules::all), 1, queue);
  service::call first(0);
  service::call second(0);
  by.begin(first);
  by.begin(second);
  const service::trace_context& one = first.context.trace;
  const service::trace_context& other = second.context.trace;
  EXPECT_TRUE(is_id(one.trace()) && is_id(one.span()));
  EXPECT_NE(one.trace(), other.trace());
  EXPECT_NE(one.span(), other.span());

  service::call known(0);
  known.context.trace.known = true;
  known.context.trace.trace_id.fill('a');
  by.begin(known);
  EXPECT_EQ(known.context.trace.trace(), std::string(32, 'a'));
}

TEST(tracer, tells_of_a_call_at_its_end) {
  trace_queue queue;
  tracer by(rules(trace_rules::all), 1, queue);
  service::call done(0);
  done.op = service::operation::lock_user;
  by.begin(done);
  done.out.details.sequence = 9;
  by.end(done, "OK", false);
  std::vector<call_trace> told;
  queue.take(told, 10);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].op, service::operation::lock_user);
  EXPECT_EQ(told[0].sequence, 9U);
  EXPECT_EQ(told[0].context.trace.span(), done.context.trace.span());
}

}  // namespace
}  // namespace factord::tracing::tracer_test
