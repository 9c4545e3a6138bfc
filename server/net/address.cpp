#include "server/net/address.hpp"

#include <boost/asio/ip/address_v4.hpp>
#include <charconv>

namespace factord::net {
namespace {

error bad(std::string_view text) {
  return {errc::bad_argument, "'" + std::string(text) +
                                  "' is no address to listen on: HOST:PORT with an IP address, "
                                  "[IPV6]:PORT, one of these behind plain:, or unix:PATH is "
                                  "needed"};
}

}  // namespace

result<listen_address> parse_listen_address(std::string_view text) {
  listen_address address;
  const std::string_view whole = text;
  constexpr std::string_view unix_prefix = "unix:";
  if (text.starts_with(unix_prefix)) {
    address.path = text.substr(unix_prefix.size());
    if (address.path.empty() || address.path.find('\0') != std::string::npos) return bad(whole);
    return address;
  }

  constexpr std::string_view plain_prefix = "plain:";
  address.plain = text.starts_with(plain_prefix);
  if (address.plain) text.remove_prefix(plain_prefix.size());
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return bad(whole);
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  const auto [end, failure] = std::from_chars(port.begin(), port.end(), address.port);
  if (failure != std::errc{} || end != port.end() || port.empty()) return bad(whole);

  if (host == "localhost") host = "127.0.0.1";
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  boost::system::error_code not_ip;
  address.ip = boost::asio::ip::make_address(std::string(host), not_ip);
  // Without brackets the last colon of an IPv6 address would be taken for the port's.
  if (not_ip || address.ip.is_v6() != bracketed) return bad(whole);
  return address;
}

std::string to_text(const listen_address& address) {
  if (address.is_unix()) return "unix:" + address.path;
  const std::string host = address.ip.to_string();
  const std::string port = std::to_string(address.port);
  return address.ip.is_v6() ? "[" + host + "]:" + port : host + ":" + port;
}

}  // namespace factord::net
