#include "server/protocol/http1/target.hpp"

#include "storage/base/ascii.hpp"

namespace factord::protocol::http1 {
namespace {

// The bytes after "http://" or "https://", or nothing.
std::string_view after_scheme(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (same_in_any_case(target.substr(0, scheme.size()), scheme))
      return target.substr(scheme.size());
  }
  return {};
}

}  // namespace

bool reduce_target(std::string_view target, bool asterisk_allowed, host_rule hosts,
                   std::string& out) {
  if (target.find('#') != std::string_view::npos) return false;
  if (target.starts_with('/')) {
    out.assign(target);
    return true;
  }
  if (target == "*" && asterisk_allowed) {
    out = "*";
    return true;
  }
  const std::string_view rest = after_scheme(target);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  // User information in a request target is an error (RFC 9110, section 4.2.4), and so is an
  // empty host (4.2.1).
  if (authority.empty()) return false;
  if (hosts == host_rule::checked && !parse_authority(authority)) return false;
  const std::string_view path = rest.substr(authority.size());
  out.clear();
  if (!path.starts_with('/')) out += '/';
  out += path;
  return true;
}

}  // namespace factord::protocol::http1
