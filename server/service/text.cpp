#include "server/service/text.hpp"

#include <algorithm>
#include <array>

#include "storage/base/utf8.hpp"

namespace factord::service {
namespace {

// Unicode's White_Space.
constexpr auto spaces = std::to_array<std::string_view>(
    {" ",      "\t",     "\n",     "\v",     "\f",     "\r",     "\u0085", "\u00A0", "\u1680",
     "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006", "\u2007", "\u2008",
     "\u2009", "\u200A", "\u2028", "\u2029", "\u202F", "\u205F", "\u3000"});

}  // namespace

std::optional<std::size_t> count_code_points(std::string_view text) noexcept {
  std::size_t count = 0;
  for (; !text.empty(); ++count) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return std::nullopt;
    text.remove_prefix(length);
  }
  return count;
}

bool is_storable(std::string_view text) noexcept {
  return text.find('\0') == std::string_view::npos && count_code_points(text).has_value();
}

bool valid_id(std::string_view text) noexcept {
  if (text.empty() || text.find('\0') != std::string_view::npos) return false;
  const auto count = count_code_points(text);
  return count && *count <= id_code_points_max;
}

std::string_view trimmed(std::string_view text) noexcept {
  // UTF-8 is self-synchronizing: what ends in the bytes of a space ends in a space.
  for (;;) {
    const auto first = std::ranges::find_if(
        spaces, [text](std::string_view space) { return text.starts_with(space); });
    if (first == spaces.end()) break;
    text.remove_prefix(first->size());
  }
  for (;;) {
    const auto last = std::ranges::find_if(
        spaces, [text](std::string_view space) { return text.ends_with(space); });
    if (last == spaces.end()) return text;
    text.remove_suffix(last->size());
  }
}

}  // namespace factord::service
