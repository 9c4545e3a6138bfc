#include "tools/common/scatter.hpp"

#include <numeric>

#include "storage/base/check.hpp"

namespace factord::tools {
namespace {

std::uint64_t step_for(std::uint64_t size) {
  constexpr double golden_section = 0.6180339887498949;
  auto step = static_cast<std::uint64_t>(static_cast<double>(size) * golden_section);
  // Ends: 1 has no factor in common with anything.
  while (step > 1 && std::gcd(step, size) != 1) --step;
  return step > 0 ? step : 1;
}

}  // namespace

scatter::scatter(std::uint64_t size) : size_(size), step_(step_for(size)) {
  FACTORD_CHECK(size >= 1 && size <= size_max);
}

}  // namespace factord::tools
