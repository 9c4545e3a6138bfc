#pragma once

#include <algorithm>
#include <string_view>

namespace factord {

[[nodiscard]] constexpr char to_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

/// Whether `text` is `lower_case` in any case, of ASCII letters alone. (Beast's iequals reads a
/// byte beyond both.)
[[nodiscard]] constexpr bool same_in_any_case(std::string_view text, std::string_view lower_case) {
  return std::ranges::equal(text, lower_case, {}, to_lower);
}

}  // namespace factord
