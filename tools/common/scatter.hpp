#pragma once

#include <cstdint>

namespace factord::tools {

/// An order of 0..size-1 in which neighbours are far apart and every number comes once: position k
/// holds k · step mod size, where step has no factor in common with size and is about its golden
/// section, so that any stretch of positions is spread evenly over all numbers.
class scatter {
 public:
  static constexpr std::uint64_t size_max = 1'000'000'000;  ///< so that a product fits in 64 bits

  /// `size` must be within 1 and size_max.
  explicit scatter(std::uint64_t size);

  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

  /// The number at a position; positions go on after size() from the start.
  [[nodiscard]] std::uint64_t at(std::uint64_t position) const noexcept {
    return position % size_ * step_ % size_;
  }

 private:
  std::uint64_t size_;
  std::uint64_t step_;
};

}  // namespace factord::tools
