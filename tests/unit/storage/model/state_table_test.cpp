#include "storage/model/state_table.hpp"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <random>
#include <string>

#include "storage/model/keys.hpp"

namespace factord::storage::state_table_test {
namespace {

TEST(state_table, a_key_asked_for_twice_is_one_entry) {
  state_table table;
  table.want("a");
  table.want("b");
  table.want("a");
  ASSERT_EQ(table.size(), 2U);
  EXPECT_EQ(table.key(0), "a");
  EXPECT_EQ(table.key(1), "b");
}

TEST(state_table, tells_where_a_key_is) {
  state_table table;
  EXPECT_EQ(table.find("a"), std::nullopt);
  table.want("a");
  table.want("b");
  EXPECT_EQ(table.find("b"), 1U);
  EXPECT_EQ(table.find("c"), std::nullopt);
  table.clear();
  EXPECT_EQ(table.find("b"), std::nullopt);
}

TEST(state_table, shows_what_was_loaded_and_then_what_was_written) {
  state_table table;
  table.want("a");
  table.want("b");
  table.set_loaded(0, "one");
  table.set_loaded(1, std::nullopt);
  EXPECT_EQ(table.get("a"), "one");
  EXPECT_EQ(table.get("b"), std::nullopt);
  EXPECT_FALSE(table.changed(0));

  table.put("b", "two");
  table.erase("a");
  EXPECT_EQ(table.get("a"), std::nullopt);
  EXPECT_EQ(table.get("b"), "two");
  EXPECT_TRUE(table.changed(0));
  EXPECT_TRUE(table.changed(1));
}

TEST(state_table, an_empty_record_is_not_an_absent_one) {
  state_table table;
  table.put("a", "");
  ASSERT_TRUE(table.get("a").has_value());
  EXPECT_EQ(table.get("a"), "");
}

TEST(state_table, forgets_all_on_clear) {
  state_table table;
  table.put("a", "one");
  table.clear();
  EXPECT_EQ(table.size(), 0U);
  table.want("a");
  EXPECT_EQ(table.get("a"), std::nullopt);
  EXPECT_FALSE(table.changed(0));
}

TEST(state_table, a_record_stays_where_it_is_while_others_are_added) {
  state_table table;
  table.put("a", "x");  // short enough to lie inside its string
  const auto seen = table.get("a");
  for (int i = 0; i < 1000; ++i) table.put("key " + std::to_string(i), "y");
  EXPECT_EQ(seen->data(), table.get("a")->data());
  EXPECT_EQ(seen, "x");
}

TEST(state_table, a_last_event_follows_the_events_and_is_no_change) {
  state_table table;
  EXPECT_FALSE(table.wants_last_events());
  table.want("u1");
  EXPECT_FALSE(table.wants_last_events());
  table.want("l1");
  EXPECT_TRUE(table.wants_last_events());
  table.set_loaded(1, std::nullopt);
  table.follow("l1", 258);
  table.follow("l2", 259);  // of nobody who was asked for
  ASSERT_EQ(table.size(), 2U);
  std::string sequence;
  set_event_key(sequence, 258);
  EXPECT_EQ(table.get("l1"), sequence);
  EXPECT_FALSE(table.changed(1));
  table.clear();
  EXPECT_FALSE(table.wants_last_events());
}

TEST(state_table_death, a_last_event_is_never_written) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  state_table table;
  EXPECT_DEATH(table.put("l1", "record"), "check failed");
  EXPECT_DEATH(table.erase("l1"), "check failed");
}

TEST(state_table_death, reading_a_key_that_was_not_listed_is_a_bug) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  state_table table;
  EXPECT_DEATH((void)table.get("a"), "check failed");
  table.want("a");
  EXPECT_DEATH((void)table.get("b"), "check failed");
}

/// Against a map, over many batches of different sizes.
TEST(state_table, behaves_as_a_map) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random{seed};
  state_table table;
  for (int round = 0; round < 50; ++round) {
    table.clear();
    std::map<std::string, std::optional<std::string>> model;
    const auto steps = random() % 2000;
    for (auto left = steps; left > 0; --left) {
      const std::string key = "key" + std::to_string(random() % 700);
      const std::string record(random() % 40, static_cast<char>('a' + random() % 26));
      switch (random() % 3) {
        case 0:
          table.want(key);
          model.try_emplace(key);
          break;
        case 1:
          table.put(key, record);
          model[key] = record;
          break;
        default:
          table.erase(key);
          model[key] = std::nullopt;
          break;
      }
    }
    ASSERT_EQ(table.size(), model.size());
    for (const auto& [key, record] : model) ASSERT_EQ(table.get(key), record) << key;
  }
}

}  // namespace
}  // namespace factord::storage::state_table_test
