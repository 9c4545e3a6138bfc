#pragma once

#include <cstddef>
#include <vector>

#include "storage/commit/command.hpp"

namespace factord::storage {

/// Commands that wait, first in, first out: a ring with room for all that there may be. One thread,
/// or under a lock.
class waiting_line {
 public:
  struct entry {
    command* waits = nullptr;
    std::size_t bytes = 0;  ///< its size when it was accepted
  };

  explicit waiting_line(std::size_t most) : ring_(most) {}

  [[nodiscard]] std::size_t size() const noexcept { return count_; }
  /// Of one that is not full, and not empty.
  void push(entry last) noexcept { ring_[(first_ + count_++) % ring_.size()] = last; }
  [[nodiscard]] const entry& front() const noexcept { return ring_[first_]; }
  /// So many behind the front.
  [[nodiscard]] const entry& behind(std::size_t front) const noexcept {
    return ring_[(first_ + front) % ring_.size()];
  }
  void pop() noexcept {
    first_ = (first_ + 1) % ring_.size();
    --count_;
  }

 private:
  std::vector<entry> ring_;
  std::size_t first_ = 0;
  std::size_t count_ = 0;
};

}  // namespace factord::storage
