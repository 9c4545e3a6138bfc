#pragma once

#include <algorithm>
#include <string_view>

/// Classes of ASCII characters, whatever the locale. Bytes above 127 are in none.
namespace factord {

[[nodiscard]] constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

[[nodiscard]] constexpr bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// What a hexadecimal digit of either case stands for; -1 for what is none.
[[nodiscard]] constexpr int hex_value(char digit) noexcept {
  if (is_digit(digit)) return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

[[nodiscard]] constexpr bool is_hex_digit(char c) noexcept { return hex_value(c) >= 0; }

/// RFC 9110, section 5.6.2: tchar.
[[nodiscard]] constexpr bool is_token_char(char c) noexcept {
  constexpr std::string_view punctuation = "!#$%&'*+-.^_`|~";
  return is_digit(c) || is_letter(c) || punctuation.find(c) != std::string_view::npos;
}

[[nodiscard]] constexpr char to_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

/// Whether `text` is `lower_case` in any case, of ASCII letters alone. (Beast's iequals reads a
/// byte beyond both.)
[[nodiscard]] constexpr bool same_in_any_case(std::string_view text, std::string_view lower_case) {
  return std::ranges::equal(text, lower_case, {}, to_lower);
}

}  // namespace factord
