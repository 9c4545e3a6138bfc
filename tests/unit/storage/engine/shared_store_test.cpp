// Faults to order of engines in memory that share one store (shared_store_contract_test.cpp holds
// them, too, against what is promised).
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "storage/engine/memory_engine.hpp"
#include "tests/unit/storage/commit/commands.hpp"
#include "tests/unit/storage/engine/shared_store_contract.hpp"

namespace factord::storage::shared_store_test {
namespace {

using testing::all_states;
using testing::append_all;

class shared_store : public ::testing::Test, protected testing::shared_store_steps {
 protected:
  memory_engine one_{"id"};
  memory_engine other_{one_.shared()};
};

TEST_F(shared_store, what_was_made_to_be_refused_does_nothing) {
  for (const commit_status how : {commit_status::conflict, commit_status::unavailable}) {
    one_.refuse_commits(1, how);
    state_table mine;
    begin(one_, mine, "u1");
    EXPECT_EQ(one_.commit(mine, {}).value(), how);
    EXPECT_FALSE(one_.in_transaction());
    EXPECT_TRUE(all_states(one_).empty());
  }
  one_.refuse_loads(1);
  state_table mine;
  EXPECT_EQ(one_.load(mine).error().code, errc::unavailable);
  EXPECT_TRUE(append_all(one_, {added("1")}));
}

TEST_F(shared_store, a_failure_is_of_one_engine_and_what_it_wrote_is_lost) {
  one_.fail_commit(1);
  ASSERT_FALSE(append_all(one_, {added("1")}));
  EXPECT_EQ(append_all(one_, {added("1")}).error().code, errc::storage_failed);
  ASSERT_TRUE(append_all(other_, {added("2")}));
  EXPECT_EQ(head_of(other_).sequence, 1U);
  EXPECT_EQ(all_states(other_).size(), 1U);
}

TEST_F(shared_store, or_it_is_found_by_who_loads_next) {
  one_.fail_commit(1, true);
  ASSERT_FALSE(append_all(one_, {added("1")}));
  EXPECT_TRUE(all_states(other_).empty()) << "it is in doubt";
  EXPECT_EQ(head_of(other_).sequence, 1U) << "a load waits for it";
  ASSERT_TRUE(append_all(other_, {added("2")}));
  EXPECT_EQ(all_states(other_).size(), 2U);
}

TEST_F(shared_store, or_it_comes_too_late) {
  state_table theirs;
  begin(other_, theirs, "u2");
  one_.fail_commit(1, true);
  ASSERT_FALSE(append_all(one_, {added("1")}));
  EXPECT_EQ(other_.commit(theirs, {}).value(), commit_status::committed);
  EXPECT_EQ(head_of(other_).sequence, 0U) << "that voids it";
}

}  // namespace
}  // namespace factord::storage::shared_store_test
