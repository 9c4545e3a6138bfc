#include "storage/base/helper_thread.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <latch>
#include <thread>
#include <vector>

namespace factord::helper_thread_test {
namespace {

TEST(helper_thread, both_take_parts_until_there_are_none) {
  helper_thread helper("helper");
  constexpr std::size_t parts = 10'000;
  for (int round = 0; round < 100; ++round) {
    std::vector<int> done(parts);
    std::atomic<std::size_t> next = 0;
    helper.share([&] {
      for (std::size_t part = next++; part < parts; part = next++) ++done[part];
    });
    ASSERT_EQ(done, std::vector<int>(parts, 1)) << "round " << round;
  }
}

TEST(helper_thread, does_what_its_owner_cannot_end_without_it) {
  helper_thread helper("helper");
  std::latch both{2};
  std::atomic<int> on_owner = 0;
  std::atomic<int> on_helper = 0;
  const auto owner = std::this_thread::get_id();
  helper.share([&] {
    both.arrive_and_wait();
    ++(std::this_thread::get_id() == owner ? on_owner : on_helper);
  });
  EXPECT_EQ(on_owner, 1);
  EXPECT_EQ(on_helper, 1);
}

TEST(helper_thread, begins_while_its_owner_does_something_else) {
  helper_thread helper("helper");
  std::latch begun{1};
  std::atomic<int> calls = 0;
  const std::function<void()> work = [&] {
    if (calls++ == 0) begun.count_down();
  };
  helper.offer(work);
  begun.wait();
  helper.finish();
  EXPECT_EQ(calls, 2);
}

// It would find what the work used gone.
TEST(helper_thread, never_begins_what_has_returned) {
  helper_thread helper("helper");
  std::atomic<int> calls = 0;
  for (int round = 1; round <= 10'000; ++round) {
    const auto before = calls.load();
    std::atomic<int> alive = 1;
    helper.share([&] {
      ++calls;
      EXPECT_EQ(alive, 1);
    });
    alive = 0;
    ASSERT_GE(calls, before + 1);
    ASSERT_LE(calls, before + 2);
  }
}

TEST(helper_thread, ends_without_ever_having_helped) { helper_thread("helper"); }

}  // namespace
}  // namespace factord::helper_thread_test
