// What engines promise that share one store, as servers on one database do
// (storage/engine/engine.hpp), held against each kind of them.
#include "tests/unit/storage/engine/shared_store_contract.hpp"

#include <string>
#include <thread>

#include "storage/model/event_value.hpp"

namespace factord::storage::shared_store_contract_test {
namespace {

using testing::all_states;
using testing::append_all;
using testing::shared_store_contract;

TEST_P(shared_store_contract, is_the_same_store_to_all) {
  EXPECT_EQ(other().store_id(), one().store_id());
  EXPECT_EQ(other().mode(), one().mode());
  ASSERT_TRUE(append_all(one(), {added("1")}));
  ASSERT_TRUE(append_all(other(), {added("2")}));
  ASSERT_TRUE(append_all(one(), {added("3")}));
  EXPECT_EQ(head_of(other()).sequence, 3U);
  EXPECT_EQ(all_states(one()), all_states(other()));
}

TEST_P(shared_store_contract,
       of_two_commits_from_one_head_the_second_is_a_conflict_and_does_nothing) {
  state_table mine;
  begin(one(), mine, "u1");
  ASSERT_TRUE(append_all(other(), {added("2")}));
  const auto before = all_states(one());
  EXPECT_EQ(one().commit(mine, {}).value(), commit_status::conflict);
  EXPECT_EQ(all_states(one()), before);
  // Loaded again, it goes on from what the other has done.
  ASSERT_TRUE(append_all(one(), {added("3")}));
  EXPECT_EQ(head_of(other()).sequence, 2U);
}

TEST_P(shared_store_contract, a_commit_without_events_is_one_to_others_too) {
  state_table mine;
  begin(one(), mine, "u1");
  state_table theirs;
  begin(other(), theirs, "u2");
  EXPECT_EQ(other().commit(theirs, {}).value(), commit_status::committed);
  EXPECT_EQ(one().commit(mine, {}).value(), commit_status::conflict);
}

TEST_P(shared_store_contract, what_is_abandoned_is_in_nobody_s_way) {
  state_table mine;
  begin(one(), mine, "u1");
  state_table theirs;
  begin(other(), theirs, "u2");
  other().abandon();
  EXPECT_EQ(one().commit(mine, {}).value(), commit_status::committed);
}

TEST_P(shared_store_contract, writers_that_collide_all_the_time_lose_nothing) {
  constexpr int each = 40;
  const auto write = [](engine& with, const std::string& prefix) {
    for (int i = 0; i < each; ++i) {
      // Ten attempts may not be enough for one that is slower than the other each time.
      while (!append_all(with, {added(prefix + std::to_string(i))})) {
      }
    }
  };
  std::thread elsewhere{[&] { write(other(), "b"); }};
  write(one(), "a");
  elsewhere.join();
  EXPECT_EQ(head_of(one()).sequence, 2U * each);
  EXPECT_EQ(all_states(one()).size(), 2U * each);
  const auto log = testing::read<events_answer>(
      [&](auto done) { other().read_events(0, 1'000, std::move(done)); });
  ASSERT_EQ(log.events.size(), 2U * each);
  sha256 hash;
  digest previous = empty_log_head(one().store_id()).hash;
  for (std::size_t i = 0; i < log.events.size(); ++i) {
    EXPECT_EQ(log.events[i].sequence, i + 1);
    const auto value = split_event_value(i + 1, log.events[i].value).value();
    previous = hash.link(previous, i + 1, value.record);
    EXPECT_EQ(value.hash, previous) << i;
  }
}

TEST_P(shared_store_contract, one_that_stops_stops_no_other) {
  one().stop();
  EXPECT_TRUE(append_all(other(), {added("1")}));
  EXPECT_EQ(all_states(other()).size(), 1U);
}

}  // namespace
}  // namespace factord::storage::shared_store_contract_test
