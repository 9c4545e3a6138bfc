#include "server/net/collector_url.hpp"

#include <string>
#include <utility>

#include "server/net/http_url.hpp"

namespace factord::net {
namespace {

constexpr std::uint16_t collector_port = 4318;

}  // namespace

result<collector_address> parse_collector_url(std::string_view text) {
  auto found = parse_http_url(text, collector_port);
  if (!found || found->secure || found->target.find('?') != std::string::npos) {
    return error{errc::bad_argument, "'" + std::string(text) +
                                         "' is no collector of traces: http://HOST:PORT is "
                                         "needed"};
  }
  while (found->target.ends_with('/')) found->target.pop_back();
  collector_address address;
  address.host = std::move(found->host);
  address.port = found->port;
  address.target = found->target + "/v1/traces";
  address.authority = std::move(found->authority);
  return address;
}

}  // namespace factord::net
