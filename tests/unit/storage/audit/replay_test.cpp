#include "storage/audit/replay.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "storage/audit/log_reader.hpp"
#include "storage/audit/verify.hpp"
#include "storage/engine/memory_engine.hpp"
#include "storage/model/event_value.hpp"
#include "storage/model/keys.hpp"
#include "tests/unit/storage/commit/commands.hpp"
#include "tests/unit/storage/engine/engines.hpp"
#include "tests/unit/storage/rocksdb/raw_store.hpp"

namespace factord::storage::replay_test {
namespace {

using testing::all_states;
using testing::append_all;
using testing::event_of;
using testing::raw_store;
using testing::token_event;

constexpr auto nobody_asks = [](std::uint64_t, std::uint64_t) {};

std::string hash_of(char c) { return std::string(32, c); }

std::vector<stored_event> log_of(const log_source& store) {
  return testing::read<events_answer>(
             [&](auto done) { store.read_events(0, 100'000, std::move(done)); })
      .events;
}

event_record record_of(const stored_event& event) {
  event_record record;
  const auto value = split_event_value(event.sequence, event.value);
  EXPECT_TRUE(value && parse_event_record(event.sequence, value->record, record));
  return record;
}

/// Every kind of event, in batches of 1, 2 and 3, with their times.
void fill(engine& store) {
  using enum event_type;
  ASSERT_TRUE(append_all(store, {testing::human_added("a"), event_of(email_verified, "a")},
                         from_micros(1'000)));
  ASSERT_TRUE(append_all(store, {testing::human_added("b")}, from_micros(2'000)));
  event_record code = event_of(email_code_added, "b");
  code.mutable_private_part()->set_email_code_hash(hash_of('c'));
  ASSERT_TRUE(
      append_all(store, {code, event_of(email_verification_failed, "b")}, from_micros(2'000)));
  ASSERT_TRUE(append_all(
      store,
      {event_of(otp_email_added, "a"), event_of(otp_email_added, "b"), event_of(locked, "b")},
      from_micros(3'000)));
  ASSERT_TRUE(append_all(
      store,
      {token_event(token_added, "a", hash_of('1')), token_event(token_added, "b", hash_of('2'))},
      from_micros(4'000)));
  ASSERT_TRUE(append_all(store, {event_of(otp_email_removed, "a")}, from_micros(5'000)));
  ASSERT_TRUE(append_all(
      store, {event_of(unlocked, "b"), event_of(deactivated, "b"), event_of(reactivated, "b")},
      from_micros(6'000)));
  ASSERT_TRUE(
      append_all(store, {token_event(token_removed, "a", hash_of('1'))}, from_micros(7'000)));
  ASSERT_TRUE(append_all(store, {event_of(removed, "b"), testing::human_added("c", "name of b")},
                         from_micros(8'000)));
}

constexpr std::uint64_t last = 17;

void expect_whole(const log_source& store) {
  const auto report = verify(store, [](std::string_view, std::uint64_t, std::uint64_t) {});
  ASSERT_TRUE(report);
  EXPECT_EQ(report->problems, std::vector<std::string>{});
}

TEST(replay, gives_the_same_records_times_and_states_under_another_chain) {
  memory_engine from{"old"};
  fill(from);
  memory_engine into{"new"};
  std::vector<std::uint64_t> shown;
  const auto report = replay(from, {.last = last, .known = last, .tokens = live_tokens::keep}, into,
                             [&](std::uint64_t done, std::uint64_t total) {
                               EXPECT_EQ(total, last);
                               shown.push_back(done);
                             });
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->replayed, last);
  EXPECT_EQ(report->tokens_ended, 0U);
  EXPECT_EQ(report->head.sequence, last);
  EXPECT_EQ(shown.back(), last);

  const auto old_log = log_of(from);
  const auto new_log = log_of(into);
  ASSERT_EQ(new_log.size(), old_log.size());
  for (std::size_t i = 0; i < old_log.size(); ++i) {
    EXPECT_EQ(new_log[i].sequence, old_log[i].sequence);
    EXPECT_EQ(new_log[i].value.substr(32), old_log[i].value.substr(32));
    EXPECT_NE(new_log[i].value.substr(0, 32), old_log[i].value.substr(0, 32));
  }
  EXPECT_EQ(all_states(into), all_states(from));
  expect_whole(into);
}

TEST(replay, stops_at_any_sequence) {
  memory_engine from{"old"};
  fill(from);
  const auto events = log_of(from);
  for (std::uint64_t end = 0; end <= last; ++end) {
    memory_engine into{"new"};
    const auto report =
        replay(from, {.last = end, .known = end, .tokens = live_tokens::keep}, into, nobody_asks);
    ASSERT_TRUE(report) << end << ": " << report.error().message;
    EXPECT_EQ(report->head.sequence, end);
    EXPECT_EQ(log_of(into).size(), end);
    expect_whole(into);
  }
}

TEST(replay, ends_every_token_by_an_event) {
  memory_engine from{"old"};
  fill(from);
  memory_engine into{"new"};
  const std::uint64_t end = 10;  // both tokens are alive
  const auto report =
      replay(from, {.last = end, .known = last, .tokens = live_tokens::end}, into, nobody_asks);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->replayed, end);
  EXPECT_EQ(report->tokens_ended, 2U);
  EXPECT_EQ(report->head.sequence, end + 2);
  const auto events = log_of(into);
  for (const std::size_t at : {end, end + 1}) {
    const event_record record = record_of(events[at]);
    EXPECT_EQ(record.type(), static_cast<std::uint32_t>(event_type::token_removed));
    EXPECT_EQ(record.payload().token_id(), "token of " + record.user_id());
    EXPECT_EQ(record.creator(), "factorctl");
    EXPECT_GT(record.created_at(), 8'000);
  }
  for (const auto& [key, value] : all_states(into)) EXPECT_NE(key.front(), 't');
  expect_whole(into);
}

TEST(replay, keeps_only_tokens_that_the_rest_of_the_log_does_not_revoke) {
  memory_engine from{"old"};
  fill(from);
  memory_engine into{"new"};
  const auto report =
      replay(from, {.last = 10, .known = last, .tokens = live_tokens::keep}, into, nobody_asks);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->tokens_ended, 1U);
  std::vector<std::string> tokens;
  for (const auto& [key, value] : all_states(into)) {
    if (key.front() == 't') tokens.push_back(key.substr(1));
  }
  EXPECT_EQ(tokens, std::vector{hash_of('2')});
  expect_whole(into);
}

TEST(replay, ends_more_tokens_than_fit_a_page) {
  memory_engine from{"old"};
  std::vector<event_record> added;
  for (int i = 0; i < 1'001; ++i) {
    std::string hash = hash_of('h');
    hash.replace(0, 4, std::to_string(1'000 + i));
    added.push_back(token_event(event_type::token_added, "u", hash));
  }
  ASSERT_TRUE(append_all(from, added));
  memory_engine into{"new"};
  const auto report =
      replay(from, {.last = 1'001, .known = 1'001, .tokens = live_tokens::end}, into, nobody_asks);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->tokens_ended, 1'001U);
  EXPECT_TRUE(all_states(into).empty());
  expect_whole(into);
}

TEST(replay, says_which_write_failed) {
  memory_engine from{"old"};
  fill(from);
  memory_engine into{"new"};
  into.fail_commit(3);
  const auto report = replay(from, {.last = last, .known = last}, into, nobody_asks);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, errc::storage_failed);
}

TEST(replay, leaves_nothing_out_that_it_cannot_load) {
  memory_engine from{"old"};
  fill(from);
  memory_engine into{"new"};
  into.fail_load(3);
  EXPECT_TRUE(replay(from, {.last = last, .known = last}, into, nobody_asks))
      << "it was well again";
  memory_engine worn{"new"};
  std::string key;
  set_user_key(key, "a");
  worn.damage(key);
  const auto report = replay(from, {.last = last, .known = last}, worn, nobody_asks);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, errc::corruption);
}

/// A store on disk whose log is changed behind its back.
class damaged_log : public ::testing::Test {
 protected:
  damaged_log() { fill(store_.get()); }

  void edit(std::uint64_t sequence,
            const std::function<void(raw_store&, std::string key)>& change) {
    store_.close();
    {
      raw_store raw{store_.files()};
      std::string key;
      set_event_key(key, sequence);
      change(raw, key);
    }
    ASSERT_FALSE(store_.open());
  }

  void expect_refused(std::string_view naming) {
    memory_engine into{"new"};
    const auto report = replay(store_.get(), {.last = last, .known = last}, into, nobody_asks);
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, errc::corruption);
    EXPECT_NE(report.error().message.find(naming), std::string::npos) << report.error().message;
  }

  testing::store_on_disk store_;
};

TEST_F(damaged_log, a_flipped_bit) {
  edit(9, [](raw_store& raw, const std::string& key) {
    std::string value = raw.get(raw_store::events, key);
    value.back() = static_cast<char>(value.back() ^ 1);
    raw.put(raw_store::events, key, value);
  });
  expect_refused("event 9 does not fit the hash chain");
}

TEST_F(damaged_log, a_missing_event) {
  edit(9, [](raw_store& raw, const std::string& key) { raw.erase(raw_store::events, key); });
  expect_refused("event 9 is missing");
}

TEST_F(damaged_log, a_missing_end) {
  edit(last, [](raw_store& raw, const std::string& key) { raw.erase(raw_store::events, key); });
  expect_refused("event 17 is missing");
}

TEST_F(damaged_log, what_is_no_event) {
  edit(9, [](raw_store& raw, const std::string& key) { raw.put(raw_store::events, key, "short"); });
  expect_refused("event 9 is too short");
}

}  // namespace
}  // namespace factord::storage::replay_test
