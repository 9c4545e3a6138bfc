// The faults of the memory engine; what it shares with RocksDB is in engine_contract_test.cpp.
#include "storage/engine/memory_engine.hpp"

#include <gtest/gtest.h>

#include "tests/unit/storage/commit/commands.hpp"

namespace factord::storage::memory_engine_test {
namespace {

using testing::all_states;
using testing::append_all;
using testing::event_of;

std::uint64_t last_sequence(engine& store) {
  state_table nothing;
  const auto head = store.load(nothing);
  return head ? head->sequence : 0;
}

event_record added(std::string_view user) { return event_of(event_type::otp_email_added, user); }

TEST(memory_engine, a_commit_made_to_fail_refuses_everything_after_it) {
  memory_engine store{"id"};
  store.fail_commit(2);
  ASSERT_TRUE(append_all(store, {added("1")}));
  EXPECT_EQ(append_all(store, {added("2")}).error().code, errc::io_error);
  EXPECT_EQ(append_all(store, {added("3")}).error().code, errc::storage_failed);
  EXPECT_EQ(store.sync().error().code, errc::storage_failed);
  EXPECT_EQ(all_states(store).size(), 1U);
}

TEST(memory_engine, what_a_failed_commit_wrote_is_lost) {
  memory_engine store{"id"};
  ASSERT_TRUE(append_all(store, {added("1")}));
  store.fail_commit(1);
  ASSERT_FALSE(append_all(store, {added("2")}));
  store.lose_volatile();
  EXPECT_EQ(last_sequence(store), 1U);
  EXPECT_TRUE(append_all(store, {added("3")}));
  EXPECT_EQ(last_sequence(store), 2U);
}

TEST(memory_engine, or_it_is_found_after_a_restart) {
  memory_engine store{"id"};
  ASSERT_TRUE(append_all(store, {added("1")}));
  store.fail_commit(1, true);
  ASSERT_FALSE(append_all(store, {added("2")}));
  EXPECT_EQ(all_states(store).size(), 1U) << "not before the restart";
  store.lose_volatile();
  EXPECT_EQ(last_sequence(store), 2U);
  EXPECT_EQ(all_states(store).size(), 2U);
}

TEST(memory_engine, tells_nobody_of_a_failure_once_it_is_stopped) {
  memory_engine store{"id"};
  int told = 0;
  store.on_background_failure([&told](const error&) { ++told; });
  store.stop();
  store.fail_in_background();
  EXPECT_EQ(told, 0);
}

TEST(memory_engine, knows_of_a_load_that_has_no_end) {
  memory_engine store{"id"};
  state_table table;
  EXPECT_FALSE(store.in_transaction());
  ASSERT_TRUE(store.load(table));
  EXPECT_TRUE(store.in_transaction());
  store.abandon();
  EXPECT_FALSE(store.in_transaction());
  ASSERT_TRUE(store.load(table));
  ASSERT_EQ(store.commit(table, {}).value(), commit_status::committed);
  EXPECT_FALSE(store.in_transaction());
  ASSERT_TRUE(store.load(table));
  store.fail_load(1);
  ASSERT_FALSE(store.load(table));
  EXPECT_FALSE(store.in_transaction()) << "where it fails, none is open";
}

TEST(memory_engine, disk_mode_loses_nothing) {
  memory_engine store{"id", durability::disk};
  ASSERT_TRUE(append_all(store, {added("1")}));
  store.lose_volatile();
  EXPECT_EQ(last_sequence(store), 1U);
  EXPECT_EQ(all_states(store).size(), 1U);
}

TEST(memory_engine, process_mode_loses_what_was_not_synced) {
  memory_engine store{"id", durability::process};
  ASSERT_TRUE(append_all(store, {added("1"), added("2")}));
  ASSERT_TRUE(store.sync());
  const auto synced = all_states(store);
  ASSERT_TRUE(append_all(store, {event_of(event_type::otp_email_removed, "1"), added("3")}));
  ASSERT_TRUE(append_all(store, {added("1"), event_of(event_type::otp_email_removed, "2")}));
  EXPECT_EQ(last_sequence(store), 6U);
  store.lose_volatile();
  EXPECT_EQ(last_sequence(store), 2U);
  EXPECT_EQ(all_states(store), synced);
}

}  // namespace
}  // namespace factord::storage::memory_engine_test
