// A store that says so has batches of all that waits.
#include <gtest/gtest.h>

#include <deque>
#include <vector>

#include "storage/commit/commit_queue.hpp"
#include "storage/engine/memory_engine.hpp"
#include "tests/unit/storage/commit/commands.hpp"

namespace factord::storage::undivided_batches_test {
namespace {

class undividing_engine final : public memory_engine {
 public:
  using memory_engine::memory_engine;
  bool halves_batches() const noexcept override { return false; }
};

TEST(undivided_batches, take_all_that_waits_within_their_limit) {
  undividing_engine store{"id"};
  std::size_t completed = 0;
  commit_hooks hooks;
  hooks.complete = [&](std::uint32_t, std::span<command* const> done) { completed += done.size(); };
  commit_queue queue{store, {.batch_commands = 100}, hooks, 1};
  std::deque<testing::append_events> adds;
  for (const std::size_t waiting : {1U, 13U, 100U, 101U}) {
    for (std::size_t i = 0; i < waiting; ++i) {
      auto& added = adds.emplace_back(
          std::vector{testing::event_of(event_type::otp_email_added, "user")}, 0U);
      ASSERT_EQ(queue.submit(added), submit_status::accepted);
    }
    completed = 0;
    ASSERT_TRUE(queue.run_batch(from_micros(1)));
    EXPECT_EQ(completed, std::min<std::size_t>(waiting, 100));
    while (queue.run_batch(from_micros(1))) {
    }
    EXPECT_EQ(completed, waiting);
  }
}

}  // namespace
}  // namespace factord::storage::undivided_batches_test
