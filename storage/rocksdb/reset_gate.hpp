#pragma once

#include <mutex>
#include <shared_mutex>
#include <utility>

namespace factord::storage {

/// Keeps who reads and who resets apart: a reader looks first for the head of the log and then for
/// what is up to it, and both must be of one store. Any thread.
class reset_gate {
 public:
  using reader = std::shared_lock<std::shared_mutex>;
  using closed = std::pair<std::unique_lock<std::mutex>, std::unique_lock<std::shared_mutex>>;

  /// Nothing is reset while it is held.
  [[nodiscard]] reader enter() {
    // Whoever closes would wait for ever, were there always somebody inside.
    const std::lock_guard in_turn{turn_};
    return reader{inside_};
  }

  /// Nobody reads while it is held.
  [[nodiscard]] closed close() {
    std::unique_lock turn{turn_};
    return {std::move(turn), std::unique_lock{inside_}};
  }

 private:
  std::mutex turn_;
  std::shared_mutex inside_;
};

}  // namespace factord::storage
