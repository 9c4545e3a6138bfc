#pragma once

#include <atomic>
#include <cstddef>

namespace factord {

/// A bound on something that all shards use together: connections, bytes of buffers. Any thread.
class budget {
 public:
  explicit budget(std::size_t limit) noexcept : limit_(limit) {}

  /// Takes one where there is one left.
  [[nodiscard]] bool try_take() noexcept {
    if (used_.fetch_add(1, std::memory_order_relaxed) < limit_) return true;
    give_back(1);
    return false;
  }

  /// Takes what is in use already, over the limit too.
  void take(std::size_t amount) noexcept { used_.fetch_add(amount, std::memory_order_relaxed); }
  void give_back(std::size_t amount) noexcept {
    used_.fetch_sub(amount, std::memory_order_relaxed);
  }

  [[nodiscard]] std::size_t used() const noexcept { return used_.load(std::memory_order_relaxed); }
  [[nodiscard]] bool exceeded() const noexcept { return used() > limit_; }

 private:
  const std::size_t limit_;
  std::atomic<std::size_t> used_{0};
};

}  // namespace factord
