#include "server/protocol/router.hpp"

#include <algorithm>
#include <array>

#include "server/protocol/uri.hpp"

namespace factord::protocol {
namespace {

struct route {
  surface on;
  verb method;
  std::string_view path;
  destination to;
  service::operation op{};
};

using enum service::operation;

constexpr route call(surface on, verb method, std::string_view path, service::operation op) {
  return {on, method, path, destination::operation, op};
}

constexpr surface api = surface::api;
constexpr surface admin = surface::admin;

// The main job first; the order is that of the search. Where a literal and {id} both fit, the
// literal stands above.
constexpr std::array routes{
    call(api, verb::delete_, "/v2/users/{id}/otp_email", remove_otp_email),
    call(api, verb::post, "/v2/users/{id}/otp_email", add_otp_email),
    call(api, verb::get, "/v2/users/{id}/authentication_methods", list_method_types),
    call(api, verb::post, "/v2/users/{id}/authentication_factors/_search", list_factors),
    call(api, verb::post, "/v2/users/human", add_human_user),
    call(api, verb::get, "/v2/users/{id}", get_user),
    call(api, verb::delete_, "/v2/users/{id}", delete_user),
    call(api, verb::post, "/v2/users/{id}/lock", lock_user),
    call(api, verb::post, "/v2/users/{id}/unlock", unlock_user),
    call(api, verb::post, "/v2/users/{id}/deactivate", deactivate_user),
    call(api, verb::post, "/v2/users/{id}/reactivate", reactivate_user),
    call(api, verb::post, "/v2/users/{id}/email/verify", verify_email),
    call(api, verb::get, "/v2/events", list_events),
    route{api, verb::get, "/healthz", destination::alive},
    route{api, verb::get, "/livez", destination::alive},
    route{api, verb::get, "/debug/healthz", destination::alive},
    route{api, verb::get, "/readyz", destination::ready},
    route{api, verb::get, "/debug/ready", destination::ready},
    call(admin, verb::post, "/admin/v1/tokens", create_token),
    call(admin, verb::get, "/admin/v1/tokens", list_tokens),
    call(admin, verb::delete_, "/admin/v1/tokens/{id}", revoke_token),
    call(admin, verb::get, "/admin/v1/events", list_events),
    call(admin, verb::get, "/admin/v1/stats", stats),
};

// Takes the next segment off a path that starts with '/'.
std::string_view next_segment(std::string_view& path) {
  path.remove_prefix(1);
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

bool literal_fits(std::string_view wanted, std::string_view sent) {
  if (wanted == sent) return true;
  if (sent.find('%') == std::string_view::npos) return false;
  std::string plain;
  return percent_decode(sent, plain) == decoded::ok && plain == wanted;
}

bool id_fits(std::string_view sent, route_match& out) {
  const decoded how = percent_decode(sent, out.id);
  out.id_malformed = how == decoded::malformed;
  return !sent.empty() && how != decoded::has_slash;
}

bool fits(std::string_view pattern, std::string_view path, route_match& out) {
  out.id.clear();
  out.id_malformed = false;
  while (!pattern.empty() && !path.empty()) {
    const std::string_view wanted = next_segment(pattern);
    const std::string_view sent = next_segment(path);
    if (!(wanted == "{id}" ? id_fits(sent, out) : literal_fits(wanted, sent))) return false;
  }
  return pattern.empty() && path.empty();
}

std::string_view verb_name(verb method) {
  switch (method) {
    case verb::get:
      return "GET, HEAD";
    case verb::post:
      return "POST";
    default:
      return "DELETE";
  }
}

}  // namespace

bool is_streaming(std::string_view) { return false; }

void find_route(surface on, verb method, std::string_view target, bool has_origin,
                route_match& out) {
  out.allow.clear();
  out.to = destination::not_found;
  if (method == verb::options && has_origin && on == surface::api) {
    out.to = destination::preflight;
    return;
  }
  const std::string_view path = path_of(target);
  if (!path.starts_with('/')) return;
  const verb wanted = method == verb::head ? verb::get : method;
  for (const route& candidate : routes) {
    if (candidate.on != on || !fits(candidate.path, path, out)) continue;
    if (candidate.method == wanted) {
      out.to = candidate.to;
      out.op = candidate.op;
      out.allow.clear();
      return;
    }
    out.to = destination::method_not_allowed;
    if (!out.allow.empty()) out.allow += ", ";
    out.allow += verb_name(candidate.method);
  }
}

}  // namespace factord::protocol
