// A store that is led back to what it was told to keep.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "storage/audit/verify.hpp"
#include "storage/commit/seed_users.hpp"
#include "storage/engine/memory_engine.hpp"
#include "tests/unit/storage/commit/commands.hpp"
#include "tests/unit/storage/engine/engines.hpp"
#include "tests/unit/support/temp_directory.hpp"

namespace factord::storage::reset_test {
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

std::vector<std::string> events_of(const log_source& store) {
  std::vector<std::string> all;
  const auto found = read<events_answer>([&](auto done) { store.read_events(0, 10'000, done); });
  for (const stored_event& event : found.events)
    all.push_back(std::to_string(event.sequence) + event.value);
  return all;
}

// What the store says of itself is not of it.
std::vector<std::pair<std::string, std::string>> states_of(const log_source& store) {
  auto all = all_states(store);
  std::erase_if(all, [](const auto& one) { return one.first.starts_with('m'); });
  return all;
}

struct kind {
  const char* name;
  bool on_disk;
  durability mode;
};

class reset : public ::testing::TestWithParam<kind> {
 protected:
  void SetUp() override {
    ASSERT_TRUE(seed_users(store(), *id_range::make("100", users), "acme", [](std::uint64_t) {}));
    ASSERT_TRUE(store().sync());
    store().keep();
  }
  engine& store() { return GetParam().on_disk ? disk_.get() : static_cast<engine&>(memory_); }
  void remove(const std::string& user) {
    ASSERT_TRUE(append_all(store(), {event_of(event_type::otp_email_removed, user)}));
  }

  memory_engine memory_{"first", durability::memory};
  testing::store_on_disk disk_{GetParam().on_disk ? GetParam().mode : durability::disk};
};

INSTANTIATE_TEST_SUITE_P(, reset,
                         ::testing::Values(kind{"memory", false, durability::memory},
                                           kind{"disk", true, durability::disk},
                                           kind{"process", true, durability::process}),
                         [](const auto& param) { return std::string{param.param.name}; });

TEST_P(reset, what_was_kept_is_as_it_was) { EXPECT_EQ(verified(store()).sequence, 3 * users); }

TEST_P(reset, goes_back_to_it_under_another_id) {
  const auto states = states_of(store());
  const auto events = events_of(store());
  const auto before = verified(store());
  const std::string id = store().store_id();
  for (const char* user : {"100", "101", "799", "450"}) remove(user);
  ASSERT_TRUE(append_all(
      store(), {event_of(event_type::otp_email_added, "100"), testing::human_added("new")}));
  EXPECT_NE(states_of(store()), states);
  EXPECT_EQ(verified(store()).sequence, 3 * users + 6);

  const auto head = store().reset();
  ASSERT_TRUE(head);
  EXPECT_NE(store().store_id(), id);
  EXPECT_EQ(store().chain_start(), id) << "its log is not another";
  EXPECT_EQ(store().store_id().size(), 32U);
  EXPECT_EQ(states_of(store()), states);
  EXPECT_EQ(events_of(store()), events);
  const auto after = verified(store());
  EXPECT_EQ(after.sequence, before.sequence);
  EXPECT_EQ(after.created_at, before.created_at);
  EXPECT_EQ(after.hash, before.hash);
  EXPECT_EQ(head->hash, after.hash);
}

TEST_P(reset, any_number_of_times) {
  const auto states = states_of(store());
  std::string id = store().store_id();
  for (int i = 0; i < 5; ++i) {
    remove("100");
    ASSERT_TRUE(store().reset());
    EXPECT_NE(store().store_id(), std::exchange(id, store().store_id()));
    EXPECT_EQ(states_of(store()), states);
    EXPECT_EQ(verified(store()).sequence, 3 * users);
  }
}

// The event of a user that was kept has its hash of today, by whatever way it is read.
TEST_P(reset, events_of_a_user_are_those_of_the_log) {
  remove("100");
  ASSERT_TRUE(store().reset());
  remove("100");
  const auto of_user =
      read<events_answer>([&](auto done) { store().read_user_events("100", 0, 10, done); });
  ASSERT_EQ(of_user.events.size(), 4U);
  for (const stored_event& event : of_user.events) {
    const auto one =
        read<events_answer>([&](auto done) { store().read_events(event.sequence - 1, 1, done); });
    EXPECT_EQ(one.events.at(0).value, event.value);
  }
  const auto last =
      read<events_answer>([&](auto done) { store().read_last_user_event("100", done); });
  EXPECT_EQ(last.events.at(0).sequence, 3 * users + 1);
}

TEST_P(reset, the_token_epoch_only_goes_up) {
  ASSERT_TRUE(
      append_all(store(), {token_event(event_type::token_added, "u", std::string(32, 'h'))}));
  const auto before = read<states_answer>([&](auto done) { store().read_states({}, done); });
  const auto head = store().reset();
  ASSERT_TRUE(head);
  EXPECT_GT(head->token_epoch, before.head.token_epoch);
  const auto after = read<states_answer>([&](auto done) { store().read_states({}, done); });
  EXPECT_EQ(after.head.token_epoch, head->token_epoch);
}

TEST(memory_reset, a_commit_that_goes_on_from_before_is_a_conflict) {
  memory_engine store{"first", durability::memory};
  const auto shared = store.shared();
  memory_engine other(shared);
  state_table table;
  ASSERT_TRUE(other.load(table));
  ASSERT_TRUE(store.reset());
  EXPECT_EQ(other.commit(table, {}).value(), commit_status::conflict);
}

TEST(reset_of_nothing, goes_back_to_an_empty_store) {
  memory_engine store{"first", durability::memory};
  ASSERT_TRUE(append_all(store, {testing::human_added("u")}));
  ASSERT_TRUE(store.reset());
  EXPECT_EQ(verified(store).sequence, 0U);
  ASSERT_TRUE(append_all(store, {testing::human_added("u")}));
  EXPECT_EQ(verified(store).sequence, 1U);
}

TEST(reset_of_nothing, fails_with_the_store) {
  memory_engine store{"first", durability::memory};
  store.fail_commit(1);
  ASSERT_FALSE(append_all(store, {testing::human_added("u")}));
  EXPECT_EQ(store.reset().error().code, errc::storage_failed);
}

// A bulk's lines may wait while it is reset, and have been looked up already.
TEST_P(reset, what_was_expected_before_it_is_loaded_as_it_is_behind_it) {
  state_table next;
  std::string key;
  for (std::uint64_t i = 0; i < users; ++i) {
    remove(std::to_string(100 + i));
    set_factor_key(key, std::to_string(100 + i), factor_type::otp_email);
    next.want(key);
  }
  state_table table;
  ASSERT_TRUE(store().load(table));
  store().expect(next);
  ASSERT_EQ(store().commit(table, {}).value(), commit_status::committed);
  ASSERT_TRUE(store().reset());
  ASSERT_TRUE(store().load(next));
  for (std::size_t i = 0; i < next.size(); ++i) EXPECT_TRUE(next.record(i)) << i;
  store().abandon();
}

class reset_on_disk : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(seed_users(store(), *id_range::make("100", users), "acme", [](std::uint64_t) {}));
    store().keep();
  }
  engine& store() { return disk_.get(); }
  void change() {
    ASSERT_TRUE(append_all(store(), {event_of(event_type::otp_email_removed, "100")}));
  }

  testing::store_on_disk disk_;
};

TEST_F(reset_on_disk, is_what_is_found_when_it_is_opened_again) {
  const auto states = states_of(store());
  const std::string created_as = store().store_id();
  change();
  ASSERT_TRUE(store().reset());
  ASSERT_TRUE(store().reset()) << "of what nobody has changed";
  const std::string id = store().store_id();
  for (const bool read_only : {false, true}) {
    ASSERT_FALSE(read_only ? disk_.open_read_only() : disk_.open());
    EXPECT_EQ(disk_.notices, std::vector<std::string>{}) << "it knows all that is in it";
    if (read_only) break;
    EXPECT_EQ(store().store_id(), id);
    EXPECT_EQ(store().chain_start(), created_as);
    EXPECT_EQ(states_of(store()), states);
    EXPECT_EQ(verified(store()).sequence, 3 * users);
    change();
    EXPECT_EQ(verified(store()).sequence, 3 * users + 1);
  }
}

TEST_F(reset_on_disk, goes_back_over_many_keys_and_tables) {
  const auto states = states_of(store());
  for (std::uint64_t i = 0; i < users; ++i) {
    ASSERT_TRUE(
        append_all(store(), {event_of(event_type::otp_email_removed, std::to_string(100 + i)),
                             testing::human_added("new" + std::to_string(i))}));
    if (i % 200 == 0) {
      ASSERT_TRUE(store().compact());
    }
  }
  EXPECT_GT(states_of(store()).size(), states.size());
  ASSERT_TRUE(store().reset());
  EXPECT_EQ(states_of(store()), states);
  EXPECT_EQ(verified(store()).sequence, 3 * users);
  ASSERT_TRUE(store().compact());
  EXPECT_EQ(states_of(store()), states);
  EXPECT_EQ(verified(store()).sequence, 3 * users);
}

// Its files would be of two stores.
TEST_F(reset_on_disk, waits_for_no_backup) {
  const temp_directory into;
  std::optional<errc> refused;
  ASSERT_TRUE(store().back_up(into.path() / "b", [&](auto...) {
    std::jthread{[&] {
      const auto done = store().reset();
      if (!refused) refused = done ? errc{} : done.error().code;
    }}.join();
    return true;
  }));
  EXPECT_EQ(refused, errc::unavailable);
  EXPECT_TRUE(store().reset());
  EXPECT_EQ(store().back_up(into.path() / "b", [](auto...) { return true; }).error().code,
            errc::bad_argument)
      << "it is another store";
}

TEST(reset_on_disk_of_nothing_kept, is_refused) {
  testing::store_on_disk disk;
  EXPECT_EQ(disk.get().reset().error().code, errc::bad_argument);
}

// Who walks, and who looks up, finds one store or the other, and no hole.
TEST_F(reset_on_disk, readers_see_one_store_or_the_other) {
  std::atomic<bool> done{false};
  std::vector<std::jthread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([this, &done] {
      while (!done) {
        const auto read_log = read<events_answer>(
            [&](auto tell) { store().read_events(3 * users - 2, 100, std::move(tell)); });
        ASSERT_EQ(read_log.events.size(), read_log.head.sequence - (3 * users - 2));
        const auto last = read<events_answer>(
            [&](auto tell) { store().read_last_user_event("100", std::move(tell)); });
        ASSERT_EQ(last.events.size(), 1U);
        ASSERT_EQ(last.events[0].sequence > 3 * users, last.head.sequence > 3 * users);
      }
    });
  }
  for (int i = 0; i < 100; ++i) {
    change();
    ASSERT_TRUE(store().reset());
  }
  done = true;
}

TEST(reset_of_nothing_on_disk, its_token_epoch_only_goes_up) {
  testing::store_on_disk disk;
  disk.get().keep();
  ASSERT_TRUE(
      append_all(disk.get(), {token_event(event_type::token_added, "u", std::string(32, 'h'))}));
  const auto head = disk.get().reset();
  ASSERT_TRUE(head);
  EXPECT_EQ(head->sequence, 0U);
  ASSERT_FALSE(disk.open());
  const auto after = read<states_answer>([&](auto done) { disk.get().read_states({}, done); });
  EXPECT_EQ(after.head.token_epoch, head->token_epoch) << "over a restart, too";
}

}  // namespace
}  // namespace factord::storage::reset_test
