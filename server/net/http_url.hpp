#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "storage/base/error.hpp"

namespace factord::net {

/// Where something is asked over HTTP.
struct http_url {
  bool secure = false;  ///< https
  std::string host;     ///< a name, an IPv4 address or an IPv6 address without brackets
  std::uint16_t port = 0;
  std::string authority;  ///< the Host field
  std::string target;     ///< the path, from its slash on, and a query

  /// Whether the host is this machine by its text: localhost, or an address of loopback.
  [[nodiscard]] bool is_loopback() const;
};

/// "http://HOST[:PORT][/PATH][?QUERY]" or the same of https. Nothing where it is neither, or has a
/// user, a password or a fragment. `default_port`: 0 for that of the scheme.
[[nodiscard]] std::optional<http_url> parse_http_url(std::string_view text,
                                                     std::uint16_t default_port = 0);

/// What an identity provider may be asked at: https, or http where no network carries it.
/// errc::bad_argument with what is needed otherwise.
[[nodiscard]] result<http_url> parse_provider_url(std::string_view text);

/// Where a provider that was asked at `by` may send us on to: as above, and to https where that
/// was. Who is far away names nothing that this machine has for itself.
[[nodiscard]] result<http_url> parse_discovered_url(std::string_view text, const http_url& by);

}  // namespace factord::net
