// While a batch of a bulk is decided the store is told what the next one wants.
#include <gtest/gtest.h>

#include <deque>
#include <vector>

#include "storage/commit/commit_queue.hpp"
#include "storage/engine/memory_engine.hpp"
#include "tests/unit/storage/commit/commands.hpp"

namespace factord::storage::expected_batches_test {
namespace {

using strings = std::vector<std::string>;

strings keys_of(const state_table& table) {
  strings keys;
  for (std::size_t i = 0; i < table.size(); ++i) keys.emplace_back(table.key(i));
  return keys;
}

/// Notes what it is told, and what it is asked for then.
class noting_engine final : public memory_engine {
 public:
  using memory_engine::memory_engine;
  result<log_head> load(state_table& table) override {
    loaded.push_back(keys_of(table));
    if (kept != nullptr) {
      EXPECT_EQ(keys_of(*kept), expected.back()) << "it stays until then";
    }
    kept = nullptr;
    return memory_engine::load(table);
  }
  void expect(const state_table& next) override {
    expected.push_back(keys_of(next));
    kept = &next;
  }

  std::vector<strings> loaded;
  std::vector<strings> expected;
  const state_table* kept = nullptr;
};

class expected_batches : public ::testing::Test {
 protected:
  void submit(std::size_t count, lane on) {
    for (std::size_t i = 0; i < count; ++i) {
      auto& added = adds_.emplace_back(
          std::vector{testing::event_of(event_type::otp_email_added, std::to_string(i))}, 0U);
      ASSERT_EQ(queue_.submit(added, on), submit_status::accepted);
    }
  }
  bool run_batch() { return queue_.run_batch(from_micros(1)); }

  noting_engine store_{"id"};
  std::deque<testing::append_events> adds_;
  commit_queue queue_{store_, {.batch_commands = 100}, {}, 1};
};

TEST_F(expected_batches, name_what_the_next_one_loads) {
  submit(200, lane::bulk);
  while (run_batch()) {
  }
  ASSERT_GE(store_.loaded.size(), 3U);
  ASSERT_EQ(store_.expected.size(), store_.loaded.size() - 1) << "behind the last nothing waits";
  for (std::size_t i = 0; i < store_.expected.size(); ++i) {
    const strings& next = store_.loaded[i + 1];
    ASSERT_GE(store_.expected[i].size(), next.size());
    EXPECT_TRUE(std::equal(next.begin(), next.end(), store_.expected[i].begin())) << i;
  }
}

TEST_F(expected_batches, are_not_named_beside_commands_of_others) {
  submit(1, lane::single);
  submit(200, lane::bulk);
  ASSERT_TRUE(run_batch());
  ASSERT_TRUE(run_batch());
  EXPECT_TRUE(store_.expected.empty()) << "they may come back";
  ASSERT_TRUE(run_batch());
  EXPECT_EQ(store_.expected.size(), 1U);
}

}  // namespace
}  // namespace factord::storage::expected_batches_test
