#include "server/protocol/wire/ip_address.hpp"

#include <algorithm>
#include <optional>

#include "storage/base/ascii.hpp"

namespace factord::protocol {
namespace {

// 0 to 255, without zeros in front.
bool is_octet(std::string_view text) {
  if (text.empty() || text.size() > 3 || !std::ranges::all_of(text, is_digit)) return false;
  if (text.size() > 1 && text.front() == '0') return false;
  return text.size() < 3 || text <= "255";
}

bool is_group(std::string_view text) {
  return !text.empty() && text.size() <= 4 && std::ranges::all_of(text, is_hex_digit);
}

// How many groups of 16 bits stand in `text`, one colon between them. `last`: an IPv4 address may
// end it, for two.
std::optional<unsigned> count_groups(std::string_view text, bool last) {
  unsigned count = 0;
  if (text.empty()) return count;
  for (;;) {
    const std::size_t colon = text.find(':');
    const std::string_view group = text.substr(0, colon);
    const bool at_end = colon == std::string_view::npos;
    if (at_end && last && is_ipv4(group)) return count + 2;
    if (!is_group(group)) return std::nullopt;
    ++count;
    if (at_end) return count;
    text.remove_prefix(colon + 1);
  }
}

}  // namespace

bool is_ipv4(std::string_view text) noexcept {
  for (int dots = 0; dots < 3; ++dots) {
    const std::size_t dot = text.find('.');
    if (dot == std::string_view::npos || !is_octet(text.substr(0, dot))) return false;
    text.remove_prefix(dot + 1);
  }
  return is_octet(text);
}

bool is_ipv6(std::string_view text) noexcept {
  constexpr unsigned groups = 8;
  const std::size_t gap = text.find("::");
  if (gap == std::string_view::npos) return count_groups(text, true) == groups;
  const auto before = count_groups(text.substr(0, gap), false);
  const auto after = count_groups(text.substr(gap + 2), true);
  return before && after && *before + *after < groups;
}

}  // namespace factord::protocol
