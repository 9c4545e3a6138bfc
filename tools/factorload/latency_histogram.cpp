#include "tools/factorload/latency_histogram.hpp"

#include <algorithm>
#include <cmath>

namespace factord::load {
namespace {

// 262 ms: more is rare, and need not be quick to count.
constexpr std::size_t low_micros = 1U << 18U;

}  // namespace

latency_histogram::latency_histogram() : low_(low_micros) {}

void latency_histogram::merge(const latency_histogram& other) {
  for (std::size_t i = 0; i < low_.size(); ++i) low_[i] += other.low_[i];
  for (const auto& [micros, count] : other.high_) high_[micros] += count;
  count_ += other.count_;
  sum_ += other.sum_;
}

std::chrono::microseconds latency_histogram::percentile(double share) const {
  if (count_ == 0) return microseconds{0};
  const auto rank = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
  const std::uint64_t wanted = std::clamp<std::uint64_t>(rank, 1, count_);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < low_.size(); ++i) {
    seen += low_[i];
    if (seen >= wanted) return microseconds{i};
  }
  for (const auto& [micros, count] : high_) {
    seen += count;
    if (seen >= wanted) return microseconds{micros};
  }
  return microseconds{0};
}

double latency_histogram::mean_micros() const noexcept {
  return count_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(count_);
}

}  // namespace factord::load
