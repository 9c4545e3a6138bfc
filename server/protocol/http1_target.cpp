#include "server/protocol/http1_target.hpp"

#include "server/protocol/ascii.hpp"

namespace factord::protocol::http1 {
namespace {

bool is_alnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// The bytes after "http://" or "https://", or nothing.
std::string_view after_scheme(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (same_in_any_case(target.substr(0, scheme.size()), scheme))
      return target.substr(scheme.size());
  }
  return {};
}

}  // namespace

bool is_host(std::string_view value) noexcept {
  // Bytes of reg-name, of IP literals and of a port; it is checked for what it cannot be, nothing
  // here looks it up.
  constexpr std::string_view punctuation = "-._~%!$&'()*+,;=:[]";
  for (const char c : value) {
    if (!is_alnum(c) && punctuation.find(c) == std::string_view::npos) return false;
  }
  return true;
}

bool reduce_target(std::string_view target, bool asterisk_allowed, std::string& out) {
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
  // User information in a request target is an error (RFC 9110, section 4.2.4); is_host refuses it.
  if (authority.empty() || !is_host(authority)) return false;
  const std::string_view path = rest.substr(authority.size());
  out.clear();
  if (!path.starts_with('/')) out += '/';
  out += path;
  return true;
}

}  // namespace factord::protocol::http1
