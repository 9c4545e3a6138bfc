#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

namespace factord::jwt {

class key_set;

/// The keys of one issuer, as those who check tokens have them. Any thread.
class issuer_keys {
 public:
  /// Null before there are any, and once the last ones are too old.
  [[nodiscard]] std::shared_ptr<const key_set> current() const {
    const std::lock_guard lock{mutex_};
    return keys_;
  }

  /// `voids`: something that was good by the keys of before may not be by these; verdicts of a past
  /// generation are judged again.
  void use(std::shared_ptr<const key_set> keys, bool voids) {
    {
      const std::lock_guard lock{mutex_};
      keys_ = std::move(keys);
    }
    if (voids) generation_.fetch_add(1, std::memory_order_release);
  }

  /// Goes up whenever a verdict by these keys may have changed.
  [[nodiscard]] std::uint64_t generation() const noexcept {
    return generation_.load(std::memory_order_acquire);
  }

  /// A token named a key that is not among these. Whoever keeps them (key_keeper) looks for it in
  /// its own time; nobody waits.
  void miss() noexcept { missed_.store(true, std::memory_order_release); }
  /// Whether there was one since it was last asked.
  [[nodiscard]] bool take_missed() noexcept {
    return missed_.load(std::memory_order_acquire) &&
           missed_.exchange(false, std::memory_order_acq_rel);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const key_set> keys_;
  std::atomic<std::uint64_t> generation_{0};
  std::atomic<bool> missed_{false};
};

}  // namespace factord::jwt
