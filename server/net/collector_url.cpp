#include "server/net/collector_url.hpp"

#include <algorithm>
#include <string>

#include "server/protocol/wire/authority.hpp"

namespace factord::net {

result<collector_address> parse_collector_url(std::string_view text) {
  const error none{errc::bad_argument, "'" + std::string(text) +
                                           "' is no collector of traces: http://HOST:PORT is "
                                           "needed"};
  constexpr std::string_view scheme = "http://";
  if (!text.starts_with(scheme)) return none;
  text.remove_prefix(scheme.size());
  const std::size_t slash = std::min(text.find('/'), text.size());
  const std::string_view named = text.substr(0, slash);
  std::string_view path = text.substr(slash);
  const auto found = protocol::parse_authority(named);
  const bool plain = std::ranges::all_of(path, [](char c) { return c > ' ' && c < 0x7F; });
  if (!found || found->port == 0 || !plain || path.find_first_of("?#") != std::string_view::npos)
    return none;
  while (path.ends_with('/')) path.remove_suffix(1);
  std::string_view host = found->host;
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  collector_address address;
  address.host = host;
  address.port = found->port.value_or(address.port);
  address.target = std::string(path) + "/v1/traces";
  address.authority = named;
  return address;
}

}  // namespace factord::net
