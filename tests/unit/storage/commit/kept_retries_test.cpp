// What the commit queue does for retries that are kept (storage/model/retries.hpp).
#include <gtest/gtest.h>

#include <string>

#include "storage/commit/commit_queue.hpp"
#include "storage/engine/memory_engine.hpp"
#include "storage/model/evolve.hpp"
#include "storage/model/keys.hpp"
#include "storage/model/retries.hpp"
#include "tests/unit/storage/commit/commands.hpp"

namespace factord::storage::kept_retries_test {
namespace {

constexpr std::int64_t second = 1'000'000;

/// Appends an event with a key that is kept for ten seconds.
class keyed_lock final : public testing::test_command {
 public:
  explicit keyed_lock(char key) : event_(testing::event_of(event_type::locked, "1")), key_(key) {}
  void list_keys(state_table& table) const override {
    ++looks;
    list_evolve_keys(event_, table);
    list_retry(std::string(32, key_), table);
  }
  void list_more_keys(state_table&, const log_head&) const override { ++looks; }
  void decide(const state_table& states, const decision_times& at, event_sink& events) override {
    ended = count_ended_retries(states, at.created_at);
    const std::int64_t ends_at = to_micros(at.created_at) + 10 * second;
    events.blank() = testing::with_retry(event_, key_, ends_at, ended);
    events.append();
  }

  mutable int looks = 0;
  std::uint32_t ended = 0;

 private:
  const event_record event_;
  const char key_;
};

class kept_retries : public ::testing::Test {
 protected:
  struct seen {
    int looks;
    std::uint32_t ended;
  };
  seen run(char key, std::int64_t at) {
    keyed_lock one{key};
    EXPECT_EQ(queue_.submit(one), submit_status::accepted);
    EXPECT_TRUE(queue_.run_batch(from_micros(at * second)));
    EXPECT_EQ(one.outcome, commit_outcome::committed);
    return {one.looks, one.ended};
  }

  memory_engine store_{"store"};
  commit_queue queue_{store_, {}, {}, 1};
};

TEST_F(kept_retries, end_from_the_front_without_another_look) {
  for (const char key : {'a', 'b', 'c', 'd', 'e'}) EXPECT_EQ(run(key, 1).looks, 2) << key;
  const seen late = run('f', 12);
  EXPECT_EQ(late.ended, 2U);
  EXPECT_EQ(late.looks, 2) << "its keys, and what these tell: once";
  EXPECT_EQ(run('g', 12).ended, 2U);
  EXPECT_EQ(run('h', 12).ended, 1U);
  EXPECT_EQ(run('i', 12).ended, 0U);
}

TEST_F(kept_retries, that_cannot_be_read_stay_and_are_in_nobodys_way) {
  for (const char key : {'a', 'b', 'c'}) run(key, 1);
  std::string front;
  set_retry_place_key(front, 0);
  store_.damage(front);
  EXPECT_EQ(run('d', 12).ended, 0U);
}

}  // namespace
}  // namespace factord::storage::kept_retries_test
