#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "storage/engine/engine.hpp"
#include "storage/model/keys.hpp"
#include "tests/unit/storage/commit/commands.hpp"

namespace factord::storage::testing {

/// An engine that engine_contract_test.cpp is held against: each program that has some instantiates
/// the suite with them.
struct engine_case {
  std::string name;
  durability mode;
  /// A new store. What it stands on lives as long as it does.
  std::function<std::shared_ptr<engine>()> open;
};

inline void PrintTo(const engine_case& one, std::ostream* out) { *out << one.name; }

class engine_contract : public ::testing::TestWithParam<engine_case> {
 protected:
  engine& store() { return *store_; }

  log_head head() {
    state_table nothing;
    return store().load(nothing).value();
  }
  std::vector<std::uint64_t> events(std::uint64_t after, std::size_t limit) {
    return sequences(read<events_answer>(
        [&](auto done) { store().read_events(after, limit, std::move(done)); }));
  }
  std::vector<std::uint64_t> user_events(std::string_view user, std::uint64_t after,
                                         std::size_t limit) {
    return sequences(read<events_answer>(
        [&](auto done) { store().read_user_events(user, after, limit, std::move(done)); }));
  }
  std::vector<std::uint64_t> last_user_event(std::string_view user) {
    return sequences(read<events_answer>(
        [&](auto done) { store().read_last_user_event(user, std::move(done)); }));
  }

  /// The last events of users, as a load has them and as a reader; 0: none. Both say the same.
  std::vector<std::uint64_t> last_events(const std::vector<std::string>& users) {
    std::vector<std::string> keys(users.size());
    state_table table;
    for (std::size_t i = 0; i < users.size(); ++i) {
      set_last_event_key(keys[i], users[i]);
      table.want(keys[i]);
    }
    EXPECT_TRUE(store().load(table));
    store().abandon();
    const auto answer =
        read<states_answer>([&](auto done) { store().read_states(keys, std::move(done)); });
    std::vector<std::uint64_t> all;
    for (std::size_t i = 0; i < users.size(); ++i) {
      const auto loaded = table.get(keys[i]);
      EXPECT_EQ(loaded, answer.records[i]) << users[i];
      all.push_back(loaded ? read_sequence(*loaded) : 0);
    }
    return all;
  }

  using numbers = std::vector<std::uint64_t>;

 private:
  static std::vector<std::uint64_t> sequences(const events_answer& answer) {
    std::vector<std::uint64_t> all;
    for (const stored_event& event : answer.events) all.push_back(event.sequence);
    return all;
  }

  const std::shared_ptr<engine> store_ = GetParam().open();
};

}  // namespace factord::storage::testing
