#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace factord {

/// Whether the process serves, in the order of its life: it never goes back, but for a store that
/// others serve, which may be unavailable and then available again.
enum class readiness : std::uint8_t {
  starting,
  ready,
  store_unavailable,
  draining,
  storage_failed
};

/// What /readyz says of this process. Any thread.
class readiness_state {
 public:
  [[nodiscard]] readiness get() const noexcept {
    const readiness now = value_.load(std::memory_order_acquire);
    const bool stuck = stuck_.load(std::memory_order_acquire);
    return now == readiness::ready && stuck ? readiness::store_unavailable : now;
  }

  /// True where this changed it: a step back, or a second one of the same kind, changes nothing.
  bool advance(readiness to) noexcept {
    readiness now = value_.load(std::memory_order_acquire);
    while (now < to) {
      if (value_.compare_exchange_weak(now, to, std::memory_order_acq_rel)) return true;
    }
    return false;
  }

  /// Between ready and store_unavailable; any other state stays. True where this changed it.
  bool set_available(bool available) noexcept {
    readiness from = available ? readiness::store_unavailable : readiness::ready;
    const readiness to = available ? readiness::ready : readiness::store_unavailable;
    return value_.compare_exchange_strong(from, to, std::memory_order_acq_rel);
  }

  /// Whether commits are stuck: as long as they are, what is ready counts as unavailable.
  void set_stuck(bool stuck) noexcept { stuck_.store(stuck, std::memory_order_release); }

  /// A step of the wall clock, by so much. One thread notes them.
  void note_clock_step(std::chrono::microseconds by) noexcept {
    last_clock_step_us_.store(by.count(), std::memory_order_relaxed);
    clock_steps_.fetch_add(1, std::memory_order_release);
  }
  [[nodiscard]] std::uint64_t clock_steps() const noexcept {
    return clock_steps_.load(std::memory_order_acquire);
  }
  /// Zero before the first.
  [[nodiscard]] std::chrono::microseconds last_clock_step() const noexcept {
    return std::chrono::microseconds{last_clock_step_us_.load(std::memory_order_relaxed)};
  }

 private:
  std::atomic<readiness> value_{readiness::starting};
  std::atomic<bool> stuck_{false};
  std::atomic<std::uint64_t> clock_steps_{0};
  std::atomic<std::int64_t> last_clock_step_us_{0};
};

}  // namespace factord
