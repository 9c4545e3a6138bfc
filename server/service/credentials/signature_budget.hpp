#pragma once

#include <algorithm>
#include <chrono>

namespace factord::service {

/// How much of its time a shard may spend on the signatures of tokens that it has not seen: a
/// tenth, and after less than that some milliseconds at once: hundreds of tokens, and then
/// thousands a second. Who sends tokens that nobody has signed takes that much from the others, and
/// no more. (bench/tokens: a quarter, after a burst of 100 ms, took more of them than their p99 may
/// lose.) One thread.
class signature_budget {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::nanoseconds;

  static constexpr int one_in = 10;
  static constexpr duration burst = std::chrono::milliseconds(20);

  /// Whether one more may be begun. Time that goes back is none that passes.
  [[nodiscard]] bool has_room(time_point now) noexcept {
    const duration passed =
        std::clamp<duration>(now - seen_, duration::zero(), burst * (2 * one_in));
    seen_ = std::max(seen_, now);
    left_ = std::min(burst, left_ + passed / one_in);
    return left_ > duration::zero();
  }

  /// One was looked at for so long. What is left may be less than nothing then: it is made up for
  /// before another is begun. A shard that was held up by others for longer than a burst has not
  /// spent that.
  void spend(duration took) noexcept { left_ -= std::clamp(took, duration::zero(), burst); }

 private:
  duration left_ = burst;
  time_point seen_{};
};

}  // namespace factord::service
