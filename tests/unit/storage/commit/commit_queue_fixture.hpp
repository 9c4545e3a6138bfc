#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/commit/commit_queue.hpp"
#include "storage/engine/memory_engine.hpp"
#include "storage/model/keys.hpp"
#include "tests/unit/storage/commit/commands.hpp"

namespace factord::storage::testing {

inline constexpr timestamp noon = from_micros(1'000'000);

/// A queue over a store in memory, run by hand: what its hooks were told, and which commands came
/// back.
class committing : public ::testing::Test {
 protected:
  commit_hooks hooks() {
    commit_hooks told;
    told.committed = [this](std::span<const event_type> types) {
      calls_.push_back("committed " + std::to_string(types.size()));
    };
    told.tokens_changed = [this](std::uint64_t epoch) {
      calls_.push_back("tokens " + std::to_string(epoch));
    };
    told.complete = [this](std::uint32_t shard, std::span<command* const> done) {
      calls_.push_back("complete " + std::to_string(shard) + ": " + std::to_string(done.size()));
      completed_.insert(completed_.end(), done.begin(), done.end());
    };
    told.unreadable = [this](const error& cause) {
      calls_.push_back("unreadable " + std::string{name(cause.code)});
    };
    told.failed = [this](const error& failure) {
      calls_.push_back("failed " + std::string{name(failure.code)});
    };
    return told;
  }
  commit_queue& queue(commit_limits limits = {}) {
    queue_ = std::make_unique<commit_queue>(store_, limits, hooks(), 3);
    return *queue_;
  }
  append_events& adding(std::string_view user, std::uint32_t shard = 0) {
    return adds_.emplace_back(std::vector{event_of(event_type::otp_email_added, user)}, shard);
  }

  /// As many commands as users, submitted in order.
  void submit(std::initializer_list<const char*> users) {
    for (const char* user : users) ASSERT_EQ(queue_->submit(adding(user)), submit_status::accepted);
  }
  static std::string factor_of(std::string_view user) {
    std::string key;
    set_factor_key(key, user, factor_type::otp_email);
    return key;
  }

  using strings = std::vector<std::string>;

  memory_engine store_{"id"};
  std::deque<append_events> adds_;
  std::vector<std::string> calls_;
  std::vector<command*> completed_;
  std::unique_ptr<commit_queue> queue_;
};

}  // namespace factord::storage::testing
