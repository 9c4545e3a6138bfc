#include "tools/common/duration.hpp"

#include <cstdint>

#include "tools/common/number.hpp"

namespace factord::tools {
namespace {

// Seconds in a unit; 0 for a letter that is none.
std::uint64_t seconds_in(char unit) noexcept {
  switch (unit) {
    case 's':
      return 1;
    case 'm':
      return 60;
    case 'h':
      return 60 * 60;
    case 'd':
      return 24 * 60 * 60;
    default:
      return 0;
  }
}

}  // namespace

std::optional<std::chrono::seconds> parse_duration(std::string_view text) noexcept {
  if (text.empty()) return std::nullopt;
  const std::uint64_t unit = seconds_in(text.back());
  const auto count = parse_number(text.substr(0, text.size() - 1));
  if (unit == 0 || !count || *count == 0) return std::nullopt;
  // Compared by division: the product could overflow.
  if (*count > static_cast<std::uint64_t>(duration_max.count()) / unit) return std::nullopt;
  return std::chrono::seconds{static_cast<std::int64_t>(*count * unit)};
}

}  // namespace factord::tools
