#include "storage/engine/layered_map.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

namespace factord::storage::layered_map_test {
namespace {

using model = std::map<std::string, std::string>;

model content_of(const layered_map& map, std::string_view first = {}) {
  model found;
  for (auto at = map.from(first); !at.at_end(); at.next()) found.emplace(at.key(), at.value());
  return found;
}

void expect_same(const layered_map& map, const model& expected) {
  ASSERT_EQ(content_of(map), expected);
  for (int key = 0; key < 40; ++key) {
    const std::string name = std::to_string(key);
    const auto there = expected.find(name);
    const std::string* const found = map.find(name);
    ASSERT_EQ(found != nullptr, there != expected.end()) << name;
    if (found != nullptr) {
      ASSERT_EQ(*found, there->second);
    }
    ASSERT_EQ(content_of(map, name), model(expected.lower_bound(name), expected.end()));
    const auto above = expected.lower_bound(name);
    const std::string* const below = map.last_below(name);
    ASSERT_EQ(below != nullptr, above != expected.begin()) << name;
    if (below != nullptr) {
      ASSERT_EQ(*below, std::prev(above)->first);
    }
  }
}

void change(layered_map& map, model& expected, std::mt19937& random) {
  const std::string key = std::to_string(random() % 40);
  if (random() % 2 == 0) {
    map.erase(key);
    expected.erase(key);
  } else {
    const std::string value = std::to_string(random());
    map.put(key, value);
    expected[key] = value;
  }
}

TEST(layered_map, is_a_map_whatever_layer_a_key_is_in) {
  for (unsigned seed = 0; seed < 30; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    layered_map map;
    model expected;
    for (int i = 0; i < 60; ++i) change(map, expected, random);
    map.keep();
    expect_same(map, expected);
    const model kept = expected;
    for (int round = 0; round < 3; ++round) {
      for (int i = 0; i < 50; ++i) change(map, expected, random);
      expect_same(map, expected);
      (void)map.drop();
      expected = kept;
      expect_same(map, expected);
    }
  }
}

TEST(layered_map, the_key_after_a_key_is_the_next_there_can_be) {
  EXPECT_LT(std::string("a"), next_key("a"));
  EXPECT_LT(next_key("a"), std::string("a\x01"));
  EXPECT_LT(next_key("a"), next_key(next_key("a")));
}

}  // namespace
}  // namespace factord::storage::layered_map_test
