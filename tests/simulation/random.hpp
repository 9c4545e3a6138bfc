#pragma once

#include <cstdint>
#include <span>

#include "storage/base/check.hpp"

namespace factord::simulation {

/// Everything that a run draws comes from one of these, so that a seed is a run (splitmix64).
class random_bits {
 public:
  explicit random_bits(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBULL;
    return mixed ^ (mixed >> 31U);
  }
  /// In [0, end).
  std::size_t below(std::size_t end) {
    FACTORD_CHECK(end > 0);
    return static_cast<std::size_t>(next() % end);
  }
  /// In [min, max].
  std::size_t between(std::size_t min, std::size_t max) { return min + below(max - min + 1); }
  bool percent(std::size_t chance) { return below(100) < chance; }

  template <class T>
  const T& pick(std::span<const T> from) {
    return from[below(from.size())];
  }

 private:
  std::uint64_t state_;
};

}  // namespace factord::simulation
