#include "server/net/http_url.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>

#include "server/protocol/wire/authority.hpp"
#include "storage/base/ascii.hpp"

namespace factord::net {
namespace {

constexpr std::uint16_t plain_port = 80;
constexpr std::uint16_t secure_port = 443;

// What stands before the host, in any case of its letters.
bool take(std::string_view prefix, std::string_view& text) {
  if (!same_in_any_case(text.substr(0, prefix.size()), prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool is_target(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F && c != '#'; });
}

}  // namespace

bool http_url::is_loopback() const {
  if (same_in_any_case(host, "localhost")) return true;
  boost::system::error_code none;
  const auto address = boost::asio::ip::make_address(host, none);
  return !none && address.is_loopback();
}

std::optional<http_url> parse_http_url(std::string_view text, std::uint16_t default_port) {
  http_url found;
  found.secure = take("https://", text);
  if (!found.secure && !take("http://", text)) return std::nullopt;
  const std::string_view named = text.substr(0, text.find_first_of("/?"));
  const std::string_view target = text.substr(named.size());
  const auto where = protocol::parse_authority(named);
  if (!where || where->port == 0 || !is_target(target)) return std::nullopt;
  std::string_view host = where->host;
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  if (default_port == 0) default_port = found.secure ? secure_port : plain_port;
  found.host = host;
  found.port = where->port.value_or(default_port);
  found.authority = named;
  found.target = (target.starts_with('/') ? "" : "/") + std::string(target);
  return found;
}

result<http_url> parse_provider_url(std::string_view text) {
  auto found = parse_http_url(text);
  if (!found) return error{errc::bad_argument, "a URL is needed: https://HOST[:PORT]/PATH"};
  if (!found->secure && !found->is_loopback()) {
    return error{errc::bad_argument,
                 "https is needed: http is for a provider on this machine (127.0.0.1, [::1] or "
                 "localhost)"};
  }
  return *std::move(found);
}

result<http_url> parse_discovered_url(std::string_view text, const http_url& by) {
  auto found = parse_provider_url(text);
  if (found && by.secure && !found->secure)
    return error{errc::bad_argument, "https is needed, as its issuer has it"};
  return found;
}

}  // namespace factord::net
