#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "storage/postgres/session_machine.hpp"
#include "tests/unit/storage/commit/commands.hpp"
#include "tests/unit/storage/postgres/scripted_database.hpp"

namespace factord::storage::testing {

using strings = std::vector<std::string>;

inline constexpr std::string_view attempt = "0123456789abcdef";
inline const std::string resolution = "begin raise_epoch read_attempt commit";

inline digest digest_of(char byte) {
  digest made;
  made.fill(static_cast<unsigned char>(byte));
  return made;
}

/// A session at event 5, the connection there, and nothing done yet.
class session : public ::testing::Test {
 protected:
  session() {
    database_.head.log = {.sequence = 5, .hash = digest_of('5'), .token_epoch = 3};
    database_.head.epoch = 7;
    database_.hash_there = std::string(32, '5');
    EXPECT_TRUE(load());
    machine_.abandon(database_.clock);
    database_.serve(machine_);
    database_.take_trace();
  }

  result<log_head> load() {
    table_.clear();
    table_.want("u1");
    machine_.load(table_, database_.clock);
    database_.serve(machine_);
    return machine_.loaded();
  }
  /// Of a load before: a state and an event.
  result<commit_status> commit(bool with_events = true) {
    table_.put("u1", "a record");
    const std::string value =
        std::string(32, '6') + event_of(event_type::locked, "1").SerializeAsString();
    const new_event one{.sequence = 6, .user_id = "1", .value = value};
    machine_.commit(table_, {&one, with_events ? 1U : 0U}, attempt, database_.clock);
    database_.serve(machine_);
    if (machine_.committed() && *machine_.committed() == commit_status::committed) {
      database_.head.log = {.sequence = 6, .hash = digest_of('6')};
      database_.hash_there = std::string(32, '6');
    }
    return machine_.committed();
  }
  void abandon() {
    machine_.abandon(database_.clock);
    database_.serve(machine_);
  }
  /// After this, loads lock the head.
  void collide() {
    database_.fail[sql::move_head] = "23502";
    ASSERT_TRUE(load());
    ASSERT_EQ(commit().value(), commit_status::conflict);
    ASSERT_TRUE(load());
    abandon();
    database_.take_trace();
  }

  session_rules rules_;
  head_latch latch_;
  session_machine machine_{rules_, latch_};
  scripted_database database_;
  state_table table_;
};

}  // namespace factord::storage::testing
