#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <vector>

namespace factord::load {

/// Latencies, counted by whole microseconds: percentiles are exact to the microsecond, and memory
/// is bounded however long a run takes. One thread at a time.
class latency_histogram {
 public:
  using nanoseconds = std::chrono::nanoseconds;
  using microseconds = std::chrono::microseconds;

  latency_histogram();

  /// Negative counts as 0.
  void add(nanoseconds latency) {
    const auto micros =
        latency.count() > 0 ? static_cast<std::uint64_t>(latency.count()) / 1'000 : 0;
    ++count_;
    sum_ += micros;
    if (micros < low_.size()) {
      ++low_[micros];
    } else {
      ++high_[micros];
    }
  }

  /// Adds all of another's.
  void merge(const latency_histogram& other);

  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

  /// The smallest latency that at least `share` (0..1) of all do not exceed; 1 is the largest of
  /// all. 0 where there is none.
  [[nodiscard]] microseconds percentile(double share) const;

  [[nodiscard]] double mean_micros() const noexcept;

 private:
  std::vector<std::uint64_t> low_;               ///< index: microseconds
  std::map<std::uint64_t, std::uint64_t> high_;  ///< the few that are beyond low_
  std::uint64_t count_ = 0;
  std::uint64_t sum_ = 0;
};

}  // namespace factord::load
