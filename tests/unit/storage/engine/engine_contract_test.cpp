// What every engine promises (storage/engine/engine.hpp), held against each of them.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "storage/commit/commit_queue.hpp"
#include "storage/engine/engine.hpp"
#include "storage/model/event_value.hpp"
#include "storage/model/evolve.hpp"
#include "storage/model/keys.hpp"
#include "storage/model/named_states.hpp"
#include "storage/model/stored_record.hpp"
#include "tests/unit/storage/commit/commands.hpp"
#include "tests/unit/storage/engine/engine_contract.hpp"

namespace factord::storage::engine_contract_test {
namespace {

using testing::append_all;
using testing::engine_contract;
using testing::event_of;
using testing::human_added;
using testing::read;

/// A command that wants a user's last event, says which it saw, and appends one more.
class see_and_append final : public testing::test_command {
 public:
  explicit see_and_append(std::string user) : user_(std::move(user)) {}
  void list_keys(state_table& table) const override {
    list_evolve_keys(event_of(event_type::otp_email_added, user_), table);
    wanted_states{table, key_}.last_event(user_);
  }
  void decide(const state_table& states, const decision_times&, event_sink& events) override {
    seen = known_states{states, key_}.last_event(user_);
    events.blank() = event_of(event_type::otp_email_added, user_);
    events.append();
  }

  std::uint64_t seen = 0;

 private:
  const std::string user_;
  mutable std::string key_;
};

TEST_P(engine_contract, starts_empty) {
  EXPECT_EQ(store().mode(), GetParam().mode);
  EXPECT_FALSE(store().store_id().empty());
  EXPECT_EQ(head().sequence, 0U);
  EXPECT_EQ(head().hash, empty_log_head(store().store_id()).hash);
  EXPECT_EQ(head().created_at, timestamp{});
  EXPECT_EQ(events(0, 10), numbers{});
  EXPECT_EQ(last_user_event("1"), numbers{});
  EXPECT_TRUE(testing::all_states(store()).empty());
}

TEST_P(engine_contract, a_commit_is_seen_by_every_reader_and_by_load) {
  ASSERT_TRUE(append_all(store(), {human_added("1"), event_of(event_type::otp_email_added, "1")},
                         from_micros(5'000)));
  EXPECT_EQ(head().sequence, 2U);
  // By the clock of the store, where it has one.
  const log_head now = head();
  EXPECT_EQ(now.read_at.has_value(), now.created_at != from_micros(5'000));
  EXPECT_LE(now.created_at, now.read_at.value_or(from_micros(5'000)));

  std::string user;
  set_user_key(user, "1");
  std::string nobody;
  set_user_key(nobody, "2");
  const std::vector<std::string> keys{nobody, user};
  const auto answer =
      read<states_answer>([&](auto done) { store().read_states(keys, std::move(done)); });
  ASSERT_EQ(answer.records.size(), 2U);
  EXPECT_FALSE(answer.records[0]);
  EXPECT_TRUE(answer.records[1]);
  EXPECT_EQ(answer.head.sequence, 2U);

  state_table table;
  table.want(user);
  table.want(nobody);
  ASSERT_TRUE(store().load(table));
  EXPECT_EQ(table.get(user), *answer.records[1]);
  EXPECT_EQ(table.get(nobody), std::nullopt);
}

// As many as a bulk has in one batch: an engine may look them up in parts, and beside each other.
TEST_P(engine_contract, a_load_fills_as_many_entries_as_a_bulk_names) {
  constexpr int users = 1'000;
  std::vector<event_record> made;
  for (int i = 0; i < users; i += 2) made.push_back(human_added(std::to_string(i)));
  ASSERT_TRUE(append_all(store(), made));
  for (const int named : {1, 31, 32, 33, 191, 192, 193, users}) {
    state_table table;
    std::vector<std::string> keys(named);
    for (int i = 0; i < named; ++i) {
      set_user_key(keys[i], std::to_string(i));
      table.want(keys[i]);
    }
    ASSERT_TRUE(store().load(table));
    for (int i = 0; i < named; ++i) {
      const auto record = table.get(keys[i]);
      ASSERT_EQ(record.has_value(), i % 2 == 0) << i << " of " << named;
      if (!record) continue;
      EXPECT_EQ(parse_stored<user_record>(*record).username(), "name of " + std::to_string(i));
    }
  }
}

TEST_P(engine_contract, stored_events_are_chained) {
  ASSERT_TRUE(append_all(store(), {human_added("1"), human_added("2")}));
  ASSERT_TRUE(append_all(store(), {human_added("3")}));
  const auto answer =
      read<events_answer>([&](auto done) { store().read_events(0, 10, std::move(done)); });
  ASSERT_EQ(answer.events.size(), 3U);
  sha256 hash;
  digest previous = empty_log_head(store().store_id()).hash;
  for (const stored_event& event : answer.events) {
    const auto value = split_event_value(event.sequence, event.value).value();
    previous = hash.link(previous, event.sequence, value.record);
    EXPECT_EQ(value.hash, previous) << event.sequence;
  }
  EXPECT_EQ(answer.head.hash, previous);
}

TEST_P(engine_contract, what_is_erased_is_gone) {
  ASSERT_TRUE(append_all(store(), {event_of(event_type::otp_email_added, "1")}));
  ASSERT_EQ(testing::all_states(store()).size(), 1U);
  ASSERT_TRUE(append_all(store(), {event_of(event_type::otp_email_removed, "1")}));
  EXPECT_TRUE(testing::all_states(store()).empty());
}

TEST_P(engine_contract, events_are_read_in_pages) {
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(append_all(store(), {event_of(event_type::locked, "1")}));
  EXPECT_EQ(events(0, 2), (numbers{1, 2}));
  EXPECT_EQ(events(2, 2), (numbers{3, 4}));
  EXPECT_EQ(events(4, 2), (numbers{5}));
  EXPECT_EQ(events(5, 2), numbers{});
  EXPECT_EQ(events(~0ULL, 2), numbers{});
  EXPECT_EQ(events(0, 0), numbers{});
}

TEST_P(engine_contract, the_events_of_a_user_are_its_own) {
  // Ids of which one begins another, and around the separator.
  ASSERT_TRUE(append_all(
      store(),
      {human_added("a"), human_added("ab"), human_added("\1"), event_of(event_type::locked, "a"),
       event_of(event_type::locked, "ab"), event_of(event_type::unlocked, "a")}));
  EXPECT_EQ(user_events("a", 0, 10), (numbers{1, 4, 6}));
  EXPECT_EQ(user_events("a", 1, 1), (numbers{4}));
  EXPECT_EQ(user_events("a", 6, 10), numbers{});
  EXPECT_EQ(user_events("ab", 0, 10), (numbers{2, 5}));
  EXPECT_EQ(user_events("b", 0, 10), numbers{});
  EXPECT_EQ(user_events("", 0, 10), numbers{});
  EXPECT_EQ(last_user_event("a"), (numbers{6}));
  EXPECT_EQ(last_user_event("ab"), (numbers{5}));
  EXPECT_EQ(last_user_event("\1"), (numbers{3}));
  EXPECT_EQ(last_user_event("aa"), numbers{});
  EXPECT_EQ(last_user_event("zz"), numbers{});
}

TEST_P(engine_contract, the_last_event_of_a_user_is_loaded_and_read_as_states_are) {
  EXPECT_EQ(last_events({"a"}), (numbers{0}));
  ASSERT_TRUE(append_all(
      store(), {human_added("a"), human_added("ab"), human_added("\1"),
                event_of(event_type::locked, "a"), event_of(event_type::unlocked, "ab")}));
  // None, one and many; of ids of which one begins another.
  EXPECT_EQ(last_events({"a", "aa", "ab", "\1", "b", ""}), (numbers{4, 0, 5, 3, 0, 0}));
  ASSERT_TRUE(append_all(store(), {event_of(event_type::locked, "a")}));
  EXPECT_EQ(last_events({"ab", "a"}), (numbers{5, 6}));
  ASSERT_TRUE(append_all(store(), {event_of(event_type::removed, "a")}));
  EXPECT_EQ(last_events({"a"}), (numbers{7})) << "a removed user's too";
  for (const auto& [key, record] : testing::all_states(store())) {
    EXPECT_FALSE(is_last_event_key(key)) << "nothing is stored for it";
  }
}

TEST_P(engine_contract, last_events_are_those_of_the_batch_so_far) {
  ASSERT_TRUE(append_all(store(), {human_added("a"), human_added("b")}));
  std::vector<std::unique_ptr<see_and_append>> commands;
  commit_queue queue{store(), {}, {}, 1};
  for (const char* const user : {"a", "ab", "a", "b", "ab"}) {
    commands.push_back(std::make_unique<see_and_append>(user));
    ASSERT_EQ(queue.submit(*commands.back()), submit_status::accepted);
  }
  ASSERT_TRUE(queue.run_batch(from_micros(2'000'000)));
  numbers seen;
  for (const auto& one : commands) seen.push_back(one->seen);
  EXPECT_EQ(seen, (numbers{1, 0, 3, 2, 4}));
  EXPECT_EQ(last_events({"a", "ab", "b"}), (numbers{5, 7, 6}));
}

TEST_P(engine_contract, states_are_scanned_by_prefix_and_page) {
  ASSERT_TRUE(append_all(store(), {human_added("1"), human_added("2"), human_added("3"),
                                   event_of(event_type::otp_email_added, "2")}));
  const auto scan = [&](std::string_view prefix, std::string_view after, std::size_t limit) {
    std::vector<std::string> keys;
    for (const auto& state : read<std::vector<key_value>>(
             [&](auto done) { store().scan_states(prefix, after, limit, std::move(done)); })) {
      keys.push_back(state.key);
    }
    return keys;
  };
  using strings = std::vector<std::string>;
  EXPECT_EQ(scan("u", "", 10), (strings{"u1", "u2", "u3"}));
  EXPECT_EQ(scan("u", "", 2), (strings{"u1", "u2"}));
  EXPECT_EQ(scan("u", "u2", 2), (strings{"u3"}));
  EXPECT_EQ(scan("u", "u3", 2), strings{});
  EXPECT_EQ(scan("u2", "", 10), (strings{"u2"}));
  EXPECT_EQ(scan("f", "", 10).size(), 1U);
  EXPECT_EQ(scan("\xFF", "", 10), strings{});
}

TEST_P(engine_contract, the_index_is_scanned_in_pages) {
  ASSERT_TRUE(
      append_all(store(), {human_added("b"), human_added("a"), event_of(event_type::locked, "b")}));
  const auto scan = [&](std::string_view after, std::size_t limit) {
    return read<std::vector<std::string>>(
        [&](auto done) { store().scan_user_events(after, limit, std::move(done)); });
  };
  const auto all = scan("", 10);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(split_user_event_key(all[0]).user_id, "a");
  EXPECT_EQ(split_user_event_key(all[1]).sequence, 1U);
  EXPECT_EQ(split_user_event_key(all[2]).sequence, 3U);
  EXPECT_EQ(scan("", 2), (std::vector<std::string>{all[0], all[1]}));
  EXPECT_EQ(scan(all[1], 2), (std::vector<std::string>{all[2]}));
}

TEST_P(engine_contract, changes_without_events_are_committed_too) {
  state_table table;
  table.want("u1");
  ASSERT_TRUE(store().load(table));
  table.put("u1", "record");
  ASSERT_EQ(store().commit(table, {}).value(), commit_status::committed);
  EXPECT_EQ(testing::all_states(store()).size(), 1U);
  EXPECT_EQ(head().sequence, 0U);
}

TEST_P(engine_contract, many_keys_are_loaded_at_once) {
  std::vector<event_record> events;
  for (int i = 0; i < 3000; ++i)
    events.push_back(event_of(event_type::otp_email_added, std::to_string(i)));
  ASSERT_TRUE(append_all(store(), events));
  for (const int count : {3000, 1, 0, 2999}) {
    state_table table;
    std::string key;
    for (int i = 0; i < count; ++i) {
      set_factor_key(key, std::to_string(i * 2), factor_type::otp_email);
      table.want(key);
    }
    ASSERT_TRUE(store().load(table));
    for (int i = 0; i < count; ++i) {
      ASSERT_EQ(table.record(static_cast<std::size_t>(i)).has_value(), i * 2 < 3000) << i;
    }
  }
}

TEST_P(engine_contract, compacting_changes_no_answer) {
  ASSERT_TRUE(append_all(store(), {human_added("u1"), human_added("u2")}));
  ASSERT_TRUE(append_all(store(), {event_of(event_type::removed, "u1")}));
  const log_head before = head();
  ASSERT_TRUE(store().compact());
  EXPECT_EQ(head().hash, before.hash);
  EXPECT_EQ(events(0, 10), (numbers{1, 2, 3}));
  EXPECT_EQ(user_events("u1", 0, 10), (numbers{1, 3}));
  EXPECT_TRUE(append_all(store(), {event_of(event_type::otp_email_added, "u2")}));
  EXPECT_EQ(events(3, 10), (numbers{4}));
}

TEST_P(engine_contract, the_token_epoch_is_raised_by_each_commit_that_concerns_tokens) {
  const auto epoch_after = [this](std::vector<event_record> events) {
    EXPECT_TRUE(append_all(store(), std::move(events)));
    return head().token_epoch;
  };
  const std::string hash(32, 't');
  EXPECT_EQ(head().token_epoch, 0U);
  EXPECT_EQ(epoch_after({human_added("1"), event_of(event_type::otp_email_added, "1")}), 0U);
  EXPECT_EQ(epoch_after({testing::token_event(event_type::token_added, "1", hash)}), 1U);
  EXPECT_EQ(epoch_after({event_of(event_type::otp_email_removed, "1")}), 1U);
  EXPECT_EQ(epoch_after({event_of(event_type::locked, "1"), event_of(event_type::unlocked, "1")}),
            2U)
      << "once a commit";
  EXPECT_EQ(epoch_after({testing::token_event(event_type::token_removed, "1", hash),
                         event_of(event_type::otp_email_added, "1")}),
            3U);
  // In every answer that has a head.
  EXPECT_EQ(read<states_answer>([&](auto done) {
              store().read_states({}, std::move(done));
            }).head.token_epoch,
            3U);
  EXPECT_EQ(read<events_answer>([&](auto done) {
              store().read_events(0, 1, std::move(done));
            }).head.token_epoch,
            3U);
  EXPECT_EQ(read<events_answer>([&](auto done) {
              store().read_user_events("1", 0, 1, std::move(done));
            }).head.token_epoch,
            3U);
  EXPECT_EQ(read<events_answer>([&](auto done) {
              store().read_last_user_event("1", std::move(done));
            }).head.token_epoch,
            3U);
}

TEST_P(engine_contract, what_is_abandoned_was_not_done) {
  ASSERT_TRUE(append_all(store(), {human_added("1")}));
  const auto before = testing::all_states(store());
  state_table table;
  table.want("u1");
  ASSERT_TRUE(store().load(table));
  table.erase("u1");
  store().abandon();
  store().abandon();  // nothing is open any more
  EXPECT_EQ(testing::all_states(store()), before);
  EXPECT_EQ(head().sequence, 1U);
  ASSERT_TRUE(append_all(store(), {human_added("2")}));
  EXPECT_EQ(events(0, 10), (numbers{1, 2}));
}

TEST_P(engine_contract, what_a_reader_is_given_is_its_caller_s_again_when_it_returns) {
  ASSERT_TRUE(append_all(store(), {human_added("long enough for memory of its own"),
                                   event_of(event_type::locked, "a")}));
  // Each waits for its turn behind the ones before, where walks have a thread.
  std::atomic<std::size_t> found = 0;
  const auto count = [&found](const auto& answer) { found += answer.value().size(); };
  for (int i = 0; i < 50; ++i) {
    std::string user = "long enough for memory of its own";
    std::string prefix = "u" + user;
    std::vector<std::string> keys{prefix};
    store().scan_states(prefix, prefix.substr(0, 30), 10, count);
    store().read_user_events(
        user, 0, 10, [&found](const auto& answer) { found += answer.value().events.size(); });
    store().scan_user_events(user, 1, count);
    store().read_states(keys, [&found](const auto& answer) {
      found += answer.value().records[0].has_value() ? 1 : 0;
    });
    user.assign(user.size(), 'z');
    prefix.assign(prefix.size(), 'z');
    keys[0].assign(keys[0].size(), 'z');
  }
  store().stop();
  EXPECT_EQ(found, 200U);
}

/// Calls every reader once, with callbacks that count.
void call_all(const log_source& store, std::atomic<int>& called) {
  const auto told = [&called](const auto&) { ++called; };
  const std::vector<std::string> keys{"u1"};
  store.read_states(keys, told);
  store.read_last_user_event("1", told);
  store.read_events(0, 10, told);
  store.read_user_events("1", 0, 10, told);
  store.scan_states("u", {}, 10, told);
  store.scan_user_events({}, 10, told);
}

TEST_P(engine_contract, no_callback_comes_after_stop) {
  ASSERT_TRUE(append_all(store(), {human_added("1")}));
  std::atomic<int> called = 0;
  for (int i = 0; i < 100; ++i) call_all(store(), called);
  // What a callback asks for counts as well.
  store().read_events(0, 1, [&](const auto&) { call_all(store(), called); });
  store().stop();
  EXPECT_EQ(called.load(), 606);
  store().stop();
  store().on_background_failure({});  // as whoever goes after it does
}

TEST_P(engine_contract, no_reader_is_called_after_stop) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  store().stop();
  EXPECT_DEATH(store().read_states({}, [](const auto&) {}), "check failed");
  EXPECT_DEATH(store().read_last_user_event("1", [](const auto&) {}), "check failed");
  EXPECT_DEATH(store().scan_states({}, {}, 1, [](const auto&) {}), "check failed");
}

TEST_P(engine_contract, sync_succeeds) {
  ASSERT_TRUE(append_all(store(), {human_added("1")}));
  EXPECT_TRUE(store().sync());
}

TEST_P(engine_contract, a_gap_in_the_sequences_is_a_broken_invariant) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  state_table table;
  ASSERT_TRUE(store().load(table));
  const std::string value =
      std::string(32, 'h') + event_of(event_type::locked, "1").SerializeAsString();
  const new_event second{.sequence = 2, .user_id = "1", .value = value};
  EXPECT_DEATH((void)store().commit(table, {&second, 1}), "check failed");
}

}  // namespace
}  // namespace factord::storage::engine_contract_test
