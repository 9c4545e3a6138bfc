#pragma once

#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "storage/engine/memory_engine.hpp"

namespace factord::storage {

/// The store of another engine, whose look-ups are answered when they are told to.
class late_engine final : public memory_engine {
 public:
  using memory_engine::memory_engine;

  void read_states(std::span<const std::string> keys, callback<states_answer> done) const override {
    waiting_.push_back(
        [this, keys = std::vector<std::string>(keys.begin(), keys.end()),
         done = std::move(done)]() mutable { memory_engine::read_states(keys, std::move(done)); });
  }
  /// Answers one, the latest first; false where none waits.
  bool answer_one() {
    if (waiting_.empty()) return false;
    const auto answer = std::move(waiting_.back());
    waiting_.pop_back();
    answer();
    return true;
  }

 private:
  mutable std::vector<std::function<void()>> waiting_;
};

}  // namespace factord::storage
