#pragma once

#include <atomic>
#include <cstdint>

namespace factord::service {

/// The newest token epoch of the log (storage::log_head) that this process has seen. The commit
/// thread notes it before it answers; so what was changed here is heeded from its answer on, even
/// by what is refused without asking the store. What was changed elsewhere shows in the head of
/// whatever the store is asked for. Any thread.
class newest_token_epoch {
 public:
  void see(std::uint64_t epoch) noexcept {
    std::uint64_t now = current();
    while (now < epoch && !value_.compare_exchange_weak(now, epoch, std::memory_order_acq_rel)) {
    }
  }
  [[nodiscard]] std::uint64_t current() const noexcept {
    return value_.load(std::memory_order_acquire);
  }

 private:
  std::atomic<std::uint64_t> value_{0};
};

}  // namespace factord::service
