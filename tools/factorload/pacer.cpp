#include "tools/factorload/pacer.hpp"

namespace factord::load {

pacer::time_point pacer::due(std::uint64_t k) const noexcept {
  const std::uint64_t overall = k * threads_ + thread_;
  // Whole seconds apart from the rest, so that no product overflows and no error adds up.
  const std::uint64_t nanos = overall % rate_ * 1'000'000'000 / rate_;
  return start_ + std::chrono::seconds{overall / rate_} + std::chrono::nanoseconds{nanos};
}

}  // namespace factord::load
