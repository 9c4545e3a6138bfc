#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

namespace factord::storage {

/// How often a batch that the store did not take is tried, for how long, and how long apart: before
/// the second attempt a random time up to `first_pause`, and up to twice as long before each later
/// one. Writers that collided once so do not collide again, and a store that is busy is asked less.
struct retry_rules {
  using steady = std::chrono::steady_clock;

  unsigned attempts = 10;  ///< at most, the first one too
  /// No attempt begins so long after the first: each may take what its store waits for a network.
  std::chrono::microseconds time_limit{5'000'000};
  std::chrono::microseconds first_pause{500};
  std::chrono::microseconds longest_pause{100'000};
  /// How often a store that was unavailable to all of these is asked whether it is back.
  std::chrono::microseconds probe_interval{1'000'000};
  /// 64 random bits; empty: of the commit thread's own.
  std::function<std::uint64_t()> draw = {};
  /// Lets this time pass; empty: by sleeping.
  std::function<void(std::chrono::microseconds)> pause = {};
  /// What time it is; empty: by the steady clock.
  std::function<steady::time_point()> now = {};

  [[nodiscard]] steady::time_point time() const { return now ? now() : steady::now(); }
};

/// The attempts of one batch. The commit thread's; outlived by its rules.
class backoff {
 public:
  explicit backoff(const retry_rules& rules)
      : rules_(rules), began_(rules.time()), longest_(rules.first_pause) {}

  /// True, after a pause, where one more attempt may be made.
  [[nodiscard]] bool again();

 private:
  const retry_rules& rules_;
  const retry_rules::steady::time_point began_;
  std::chrono::microseconds longest_;  ///< of the next pause
  unsigned made_ = 1;
};

}  // namespace factord::storage
