#include "tools/common/number.hpp"

#include <charconv>

namespace factord::tools {

std::optional<std::uint64_t> parse_number(std::string_view text) noexcept {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped_at, failure] = std::from_chars(text.data(), end, number);
  if (failure != std::errc{} || stopped_at != end) return std::nullopt;
  return number;
}

std::string check_number(std::string_view text, std::uint64_t min, std::uint64_t max) {
  const auto number = parse_number(text);
  if (number && *number >= min && *number <= max) return {};
  return "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max);
}

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

}  // namespace factord::tools
