#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace factord::protocol {

struct whole_number {
  bool negative = false;
  std::uint64_t magnitude = 0;
};

/// The whole number that a JSON number (RFC 8259, section 6) stands for, exactly, however it is
/// written: 12, 12.0, 1.2e1. Nothing where it has a fraction or its magnitude takes more than 64
/// bits.
[[nodiscard]] std::optional<whole_number> to_whole_number(std::string_view json_number);

/// The same as a type of C++; nothing where that does not hold it.
template <class Integer>
[[nodiscard]] std::optional<Integer> to_integer(std::string_view json_number) {
  const auto whole = to_whole_number(json_number);
  if (!whole) return std::nullopt;
  if (whole->negative && whole->magnitude != 0) {
    // Two's complement; what is beyond its lowest number comes out as none below zero.
    const auto value = static_cast<std::int64_t>(0 - whole->magnitude);
    if (value >= 0 || !std::in_range<Integer>(value)) return std::nullopt;
    return static_cast<Integer>(value);
  }
  if (!std::in_range<Integer>(whole->magnitude)) return std::nullopt;
  return static_cast<Integer>(whole->magnitude);
}

}  // namespace factord::protocol
