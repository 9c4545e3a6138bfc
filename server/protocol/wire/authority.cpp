#include "server/protocol/wire/authority.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "server/protocol/wire/ip_address.hpp"
#include "storage/base/ascii.hpp"

namespace factord::protocol {
namespace {

// RFC 3986, sections 2.2 and 2.3: unreserved characters and sub-delims.
constexpr std::array<bool, 256> make_plain() {
  std::array<bool, 256> plain{};
  for (const char c : std::string_view("-._~!$&'()*+,;="))
    plain[static_cast<unsigned char>(c)] = true;
  for (unsigned char c = 0; c < 0x80; ++c) {
    plain[c] |= is_digit(static_cast<char>(c)) || is_letter(static_cast<char>(c));
  }
  return plain;
}

bool is_plain(char c) {
  static constexpr std::array<bool, 256> plain = make_plain();
  return plain[static_cast<unsigned char>(c)];
}

bool is_registered_name(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (is_plain(text[at])) continue;
    const bool escape = text[at] == '%' && text.size() - at >= 3 && is_hex_digit(text[at + 1]) &&
                        is_hex_digit(text[at + 2]);
    if (!escape) return false;
    at += 2;
  }
  return true;
}

// "v", a version in hex digits, a dot, and whatever that version is made of.
bool is_future_address(std::string_view text) {
  if (!text.starts_with('v') && !text.starts_with('V')) return false;
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos || dot == 1 || dot + 1 == text.size()) return false;
  return std::ranges::all_of(text.substr(1, dot - 1), is_hex_digit) &&
         std::ranges::all_of(text.substr(dot + 1), [](char c) { return is_plain(c) || c == ':'; });
}

// An IP literal to its bracket, or else what comes before a colon.
std::size_t host_size(std::string_view text) {
  if (!text.starts_with('[')) return std::min(text.find(':'), text.size());
  const std::size_t bracket = text.find(']');
  return bracket == std::string_view::npos ? text.size() : bracket + 1;
}

bool is_host_part(std::string_view host) {
  if (!host.starts_with('[')) return !host.empty() && is_registered_name(host);
  if (!host.ends_with(']')) return false;
  const std::string_view literal = host.substr(1, host.size() - 2);
  return is_ipv6(literal) || is_future_address(literal);
}

}  // namespace

std::optional<authority> parse_authority(std::string_view text) noexcept {
  authority found;
  found.host = text.substr(0, host_size(text));
  if (!is_host_part(found.host)) return std::nullopt;
  std::string_view rest = text.substr(found.host.size());
  if (rest.empty()) return found;
  if (!rest.starts_with(':')) return std::nullopt;
  rest.remove_prefix(1);
  if (rest.empty()) return found;
  std::uint16_t port = 0;
  const auto read = std::from_chars(rest.data(), rest.data() + rest.size(), port);
  if (read.ec != std::errc{} || read.ptr != rest.data() + rest.size()) return std::nullopt;
  found.port = port;
  return found;
}

bool is_host(std::string_view value) noexcept {
  return value.empty() || parse_authority(value).has_value();
}

bool same_host(std::string_view one, std::string_view other, std::uint16_t default_port) noexcept {
  const auto first = parse_authority(one);
  const auto second = parse_authority(other);
  if (!first || !second) return one == other;
  return std::ranges::equal(first->host, second->host, {}, to_lower, to_lower) &&
         first->port.value_or(default_port) == second->port.value_or(default_port);
}

}  // namespace factord::protocol
