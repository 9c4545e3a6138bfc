// What an engine was told to expect it loads as it is then, not as it was looked up before.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "storage/engine/engine.hpp"
#include "storage/model/keys.hpp"
#include "tests/unit/storage/engine/engine_contract.hpp"

namespace factord::storage::expected_loads_test {
namespace {

using testing::engine_contract;

/// A bulk's worth: an engine may do more about them than about a few.
constexpr int users = 400;

using records = std::map<std::string, std::string>;

std::string key_of(int user) {
  std::string key;
  set_user_key(key, std::to_string(user));
  return key;
}

state_table wanting(int first, int end) {
  state_table table;
  for (int i = first; i < end; ++i) table.want(key_of(i));
  return table;
}

void put(state_table& table, int user, const std::string& record, records& kept) {
  table.put(key_of(user), record);
  kept[key_of(user)] = record;
}

/// Every second user has a record.
records fill(engine& store) {
  state_table table = wanting(0, users);
  EXPECT_TRUE(store.load(table));
  records kept;
  for (int i = 0; i < users; i += 2) put(table, i, "first of " + std::to_string(i), kept);
  EXPECT_EQ(store.commit(table, {}).value(), commit_status::committed);
  return kept;
}

void check_load(engine& store, state_table table, const records& kept) {
  ASSERT_TRUE(store.load(table));
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto found = kept.find(std::string{table.key(i)});
    const auto record = table.record(i);
    ASSERT_EQ(record.has_value(), found != kept.end()) << table.key(i);
    if (record) {
      EXPECT_EQ(*record, found->second);
    }
  }
  store.abandon();
}

TEST_P(engine_contract, what_was_expected_is_loaded_as_the_commit_has_left_it) {
  records kept = fill(store());
  const state_table next = wanting(0, users);
  for (int round = 0; round < 5; ++round) {
    state_table table = wanting(0, users);
    ASSERT_TRUE(store().load(table));
    store().expect(next);
    for (int i = round; i < users; i += 7)
      put(table, i, "round " + std::to_string(round) + " of " + std::to_string(i), kept);
    for (int i = round; i < users; i += 11) {
      table.erase(key_of(i));
      kept.erase(key_of(i));
    }
    ASSERT_EQ(store().commit(table, {}).value(), commit_status::committed);
    check_load(store(), next, kept);
  }
}

TEST_P(engine_contract, what_was_expected_and_other_keys_are_loaded_together) {
  records kept = fill(store());
  const state_table next = wanting(10, users - 10);
  for (const auto& [first, end] : {std::pair{0, users},
                                   {10, users},
                                   {0, users - 10},
                                   {11, users},
                                   {200, 210},
                                   {users, users + 200},
                                   {0, 0}}) {
    state_table table = wanting(0, 20);
    ASSERT_TRUE(store().load(table));
    store().expect(next);
    put(table, 15, "from " + std::to_string(first), kept);
    ASSERT_EQ(store().commit(table, {}).value(), commit_status::committed);
    check_load(store(), wanting(first, end), kept);
    // It was expected once.
    check_load(store(), wanting(0, users), kept);
  }
}

TEST_P(engine_contract, what_was_expected_is_loaded_where_nothing_was_committed) {
  const records kept = fill(store());
  const state_table next = wanting(0, users);
  state_table table = wanting(0, users);
  ASSERT_TRUE(store().load(table));
  store().expect(next);
  table.erase(key_of(0));
  store().abandon();
  check_load(store(), next, kept);
}

}  // namespace
}  // namespace factord::storage::expected_loads_test
