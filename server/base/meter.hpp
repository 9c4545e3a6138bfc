#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

/// What is counted on the way of a request: written by one thread, without a lock or an instruction
/// that locks, and read by any.
namespace factord {

/// What threads write apart from each other lies so far apart.
inline constexpr std::size_t cache_line = 64;

/// Goes up.
class counter {
 public:
  void add(std::uint64_t more = 1) noexcept { set(get() + more); }
  /// Of what is counted elsewhere.
  void set(std::uint64_t value) noexcept { value_.store(value, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t get() const noexcept {
    return value_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// How many values were up to each of `Bounds`, which ascend, and their sum. A moment's view: what
/// is recorded meanwhile may be in one and not in the other.
template <const auto& Bounds>
struct histogram_view {
  static constexpr const auto& bounds = Bounds;
  std::array<std::uint64_t, Bounds.size() + 1> counts{};  ///< the last: above all bounds
  std::uint64_t sum = 0;
};

template <const auto& Bounds>
class histogram {
 public:
  using view = histogram_view<Bounds>;

  void record(std::uint64_t value) noexcept {
    std::size_t at = 0;
    while (at < Bounds.size() && value > Bounds[at]) ++at;
    counts_[at].add();
    sum_.add(value);
  }

  void add_to(view& all) const noexcept {
    for (std::size_t i = 0; i < counts_.size(); ++i) all.counts[i] += counts_[i].get();
    all.sum += sum_.get();
  }

 private:
  std::array<counter, Bounds.size() + 1> counts_{};
  counter sum_;
};

/// Of durations, in nanoseconds.
inline constexpr std::array<std::uint64_t, 15> duration_bounds = {
    250'000,     500'000,     1'000'000,     2'000'000,     4'000'000,
    8'000'000,   16'000'000,  32'000'000,    64'000'000,    128'000'000,
    256'000'000, 512'000'000, 1'000'000'000, 2'500'000'000, 10'000'000'000};
using duration_histogram = histogram<duration_bounds>;

/// Of how many there are.
inline constexpr std::array<std::uint64_t, 13> size_bounds = {1,   2,   4,   8,    16,   32,  64,
                                                              128, 256, 512, 1024, 2048, 4096};
using size_histogram = histogram<size_bounds>;

}  // namespace factord
