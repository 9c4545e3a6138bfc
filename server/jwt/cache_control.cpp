#include "server/jwt/cache_control.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "storage/base/ascii.hpp"

namespace factord::jwt {
namespace {

// More than any number of seconds that matters (RFC 9111, section 1.2.2).
constexpr std::uint32_t longest = 0x7FFF'FFFF;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t";
  const std::size_t begin = std::min(text.find_first_not_of(blanks), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(blanks) + 1);
}

std::optional<std::chrono::seconds> seconds_of(std::string_view text) {
  if (text.size() >= 2 && text.starts_with('"') && text.ends_with('"'))
    text = text.substr(1, text.size() - 2);
  if (text.empty() || !std::ranges::all_of(text, is_digit)) return std::nullopt;
  std::uint32_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return std::chrono::seconds{read.ec == std::errc{} ? std::min(value, longest) : longest};
}

}  // namespace

std::optional<std::chrono::seconds> max_age(std::string_view cache_control) {
  std::optional<std::chrono::seconds> found;
  while (!cache_control.empty()) {
    const std::size_t comma = std::min(cache_control.find(','), cache_control.size());
    const std::string_view part = trimmed(cache_control.substr(0, comma));
    cache_control.remove_prefix(std::min(comma + 1, cache_control.size()));
    const std::size_t equals = std::min(part.find('='), part.size());
    const std::string_view name = part.substr(0, equals);
    if (same_in_any_case(name, "no-store") || same_in_any_case(name, "no-cache"))
      return std::nullopt;
    // The first counts.
    if (!found && equals < part.size() && same_in_any_case(name, "max-age"))
      found = seconds_of(part.substr(equals + 1));
  }
  return found;
}

}  // namespace factord::jwt
