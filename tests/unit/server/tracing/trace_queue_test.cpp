#include "server/tracing/trace_queue.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace factord::tracing::trace_queue_test {
namespace {

call_trace numbered(std::uint64_t number) {
  call_trace one;
  one.sequence = number;
  return one;
}

TEST(trace_queue, takes_what_it_has_room_for_and_counts_the_rest) {
  trace_queue queue(3);
  for (std::uint64_t i = 1; i <= 5; ++i) queue.put(numbered(i));
  EXPECT_EQ(queue.dropped(), 2U);
  std::vector<call_trace> taken;
  queue.take(taken, 2);
  ASSERT_EQ(taken.size(), 2U);
  EXPECT_EQ(taken[0].sequence, 1U);
  queue.take(taken, 2);
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken[0].sequence, 3U);
  queue.put(numbered(6));
  queue.close();
  queue.take(taken, 2);
  EXPECT_EQ(taken.size(), 1U) << "also once it is closed";
}

TEST(trace_queue, once_closed_it_has_none_and_takes_none) {
  trace_queue queue(3);
  std::vector<call_trace> taken(1);
  std::jthread taking([&] { queue.take(taken, 2); });
  queue.close();
  taking.join();
  EXPECT_TRUE(taken.empty());
  queue.put(numbered(1));
  EXPECT_EQ(queue.dropped(), 1U);
}

}  // namespace
}  // namespace factord::tracing::trace_queue_test
