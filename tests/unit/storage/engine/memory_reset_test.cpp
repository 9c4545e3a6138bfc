// A store in memory that is led back to what it was told to keep.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "storage/audit/verify.hpp"
#include "storage/commit/seed_users.hpp"
#include "storage/engine/memory_engine.hpp"
#include "tests/unit/storage/commit/commands.hpp"

namespace factord::storage::memory_reset_test {
namespace {

using testing::all_states;
using testing::append_all;
using testing::event_of;
using testing::read;
using testing::token_event;

constexpr std::uint64_t users = 700;

log_head verified(const log_source& store) {
  const auto report = verify(store, [](auto, auto, auto) {});
  EXPECT_TRUE(report);
  EXPECT_THAT(report->problems, ::testing::IsEmpty());
  return report->head;
}

// Sequence and record of each event: what does not follow from the id of the store.
std::vector<std::string> records(const log_source& store) {
  std::vector<std::string> all;
  const auto found = read<events_answer>([&](auto done) { store.read_events(0, 10'000, done); });
  for (const stored_event& event : found.events)
    all.push_back(std::to_string(event.sequence) + event.value.substr(sizeof(digest)));
  return all;
}

class memory_reset : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(seed_users(store_, *id_range::make("100", users), "acme", [](std::uint64_t) {}));
    store_.keep();
  }
  void remove(const std::string& user) {
    ASSERT_TRUE(append_all(store_, {event_of(event_type::otp_email_removed, user)}));
  }

  memory_engine store_{"first", durability::memory};
};

TEST_F(memory_reset, what_was_kept_is_as_it_was) {
  EXPECT_EQ(verified(store_).sequence, 3 * users);
}

TEST_F(memory_reset, goes_back_to_it_under_another_id) {
  const auto states = all_states(store_);
  const auto events = records(store_);
  const auto before = verified(store_);
  for (const char* user : {"100", "101", "799", "450"}) remove(user);
  ASSERT_TRUE(append_all(
      store_, {event_of(event_type::otp_email_added, "100"), testing::human_added("new")}));
  EXPECT_NE(all_states(store_), states);
  EXPECT_EQ(verified(store_).sequence, 3 * users + 6);

  const auto head = store_.reset();
  ASSERT_TRUE(head);
  EXPECT_NE(store_.store_id(), "first");
  EXPECT_EQ(store_.store_id().size(), 32U);
  EXPECT_EQ(all_states(store_), states);
  EXPECT_EQ(records(store_), events);
  const auto after = verified(store_);
  EXPECT_EQ(after.sequence, before.sequence);
  EXPECT_EQ(after.created_at, before.created_at);
  EXPECT_NE(after.hash, before.hash);
  EXPECT_EQ(head->hash, after.hash);
}

TEST_F(memory_reset, any_number_of_times) {
  const auto states = all_states(store_);
  std::string id = store_.store_id();
  for (int i = 0; i < 5; ++i) {
    remove("100");
    ASSERT_TRUE(store_.reset());
    EXPECT_NE(store_.store_id(), std::exchange(id, store_.store_id()));
    EXPECT_EQ(all_states(store_), states);
    EXPECT_EQ(verified(store_).sequence, 3 * users);
  }
}

// The event of a user that was kept has its hash of today, by whatever way it is read.
TEST_F(memory_reset, events_of_a_user_are_those_of_the_log) {
  remove("100");
  ASSERT_TRUE(store_.reset());
  remove("100");
  const auto of_user =
      read<events_answer>([&](auto done) { store_.read_user_events("100", 0, 10, done); });
  ASSERT_EQ(of_user.events.size(), 4U);
  for (const stored_event& event : of_user.events) {
    const auto one =
        read<events_answer>([&](auto done) { store_.read_events(event.sequence - 1, 1, done); });
    EXPECT_EQ(one.events.at(0).value, event.value);
  }
  const auto last =
      read<events_answer>([&](auto done) { store_.read_last_user_event("100", done); });
  EXPECT_EQ(last.events.at(0).sequence, 3 * users + 1);
}

TEST_F(memory_reset, the_token_epoch_only_goes_up) {
  ASSERT_TRUE(
      append_all(store_, {token_event(event_type::token_added, "u", std::string(32, 'h'))}));
  const auto before = read<states_answer>([&](auto done) { store_.read_states({}, done); });
  const auto head = store_.reset();
  ASSERT_TRUE(head);
  EXPECT_GT(head->token_epoch, before.head.token_epoch);
  const auto after = read<states_answer>([&](auto done) { store_.read_states({}, done); });
  EXPECT_EQ(after.head.token_epoch, head->token_epoch);
}

TEST_F(memory_reset, a_commit_that_goes_on_from_before_is_a_conflict) {
  const auto shared = store_.shared();
  memory_engine other(shared);
  state_table table;
  ASSERT_TRUE(other.load(table));
  ASSERT_TRUE(store_.reset());
  EXPECT_EQ(other.commit(table, {}).value(), commit_status::conflict);
}

TEST(memory_reset_of_nothing, goes_back_to_an_empty_store) {
  memory_engine store{"first", durability::memory};
  ASSERT_TRUE(append_all(store, {testing::human_added("u")}));
  ASSERT_TRUE(store.reset());
  EXPECT_EQ(verified(store).sequence, 0U);
  ASSERT_TRUE(append_all(store, {testing::human_added("u")}));
  EXPECT_EQ(verified(store).sequence, 1U);
}

TEST(memory_reset_of_nothing, fails_with_the_store) {
  memory_engine store{"first", durability::memory};
  store.fail_commit(1);
  ASSERT_FALSE(append_all(store, {testing::human_added("u")}));
  EXPECT_EQ(store.reset().error().code, errc::storage_failed);
}

}  // namespace
}  // namespace factord::storage::memory_reset_test
