#pragma once

#include <atomic>
#include <cstdint>

namespace factord {

/// Whether the process serves, in the order of its life: it never goes back.
enum class readiness : std::uint8_t { starting, ready, draining, storage_failed };

/// The readiness of this process, for /readyz. Any thread.
class readiness_state {
 public:
  [[nodiscard]] readiness get() const noexcept { return value_.load(std::memory_order_acquire); }

  /// True where this changed it: a step back, or a second one of the same kind, changes nothing.
  bool advance(readiness to) noexcept {
    readiness now = get();
    while (now < to) {
      if (value_.compare_exchange_weak(now, to, std::memory_order_acq_rel)) return true;
    }
    return false;
  }

 private:
  std::atomic<readiness> value_{readiness::starting};
};

}  // namespace factord
