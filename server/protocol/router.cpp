#include "server/protocol/router.hpp"

#include <algorithm>
#include <array>

#include "server/protocol/wire/uri.hpp"

namespace factord::protocol {
namespace {

// One way in. An operation of the API has two with one entry: the path of its JSON, and the RPC of
// its name.
struct route {
  surface on;
  verb method;
  std::string_view path;
  destination to;
  service::operation op{};
  bool rpc = false;
};

using enum service::operation;

constexpr route call(verb method, std::string_view path, service::operation op) {
  return {surface::api, method, path, destination::operation, op, true};
}

// What ZITADEL's service does not have is reached as JSON only.
constexpr route json_call(surface on, verb method, std::string_view path, service::operation op) {
  return {on, method, path, destination::operation, op, false};
}

constexpr surface api = surface::api;
constexpr surface admin = surface::admin;

constexpr std::string_view user_service = "/zitadel.user.v2.UserService/";
constexpr std::string_view health_check = "/grpc.health.v1.Health/Check";
constexpr std::string_view health_watch = "/grpc.health.v1.Health/Watch";
constexpr std::string_view reflection_v1 =
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
constexpr std::string_view reflection_v1alpha =
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";

// The main job first; the order is that of the search. Where a literal and {id} both fit, the
// literal stands above.
constexpr std::array routes{
    call(verb::delete_, "/v2/users/{id}/otp_email", remove_otp_email),
    call(verb::post, "/v2/users/{id}/otp_email", add_otp_email),
    call(verb::get, "/v2/users/{id}/authentication_methods", list_method_types),
    call(verb::post, "/v2/users/{id}/authentication_factors/_search", list_factors),
    call(verb::post, "/v2/users/human", add_human_user),
    call(verb::get, "/v2/users/{id}", get_user),
    call(verb::delete_, "/v2/users/{id}", delete_user),
    call(verb::post, "/v2/users/{id}/lock", lock_user),
    call(verb::post, "/v2/users/{id}/unlock", unlock_user),
    call(verb::post, "/v2/users/{id}/deactivate", deactivate_user),
    call(verb::post, "/v2/users/{id}/reactivate", reactivate_user),
    call(verb::post, "/v2/users/{id}/email/verify", verify_email),
    json_call(api, verb::get, "/v2/events", list_events),
    route{api, verb::get, "/healthz", destination::alive},
    route{api, verb::get, "/livez", destination::alive},
    route{api, verb::get, "/debug/healthz", destination::alive},
    route{api, verb::get, "/readyz", destination::ready},
    route{api, verb::get, "/debug/ready", destination::ready},
    route{api, verb::post, health_check, destination::health},
    route{api, verb::post, health_watch, destination::watch},
    route{api, verb::post, reflection_v1, destination::reflection},
    route{api, verb::post, reflection_v1alpha, destination::reflection},
    json_call(admin, verb::post, "/admin/v1/tokens", create_token),
    json_call(admin, verb::get, "/admin/v1/tokens", list_tokens),
    json_call(admin, verb::delete_, "/admin/v1/tokens/{id}", revoke_token),
    json_call(admin, verb::get, "/admin/v1/events", list_events),
    json_call(admin, verb::get, "/admin/v1/stats", stats),
    json_call(admin, verb::post, "/admin/v1/backups", start_backup),
    json_call(admin, verb::get, "/admin/v1/backups/{id}", get_backup),
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
  if (how != decoded::ok) out.id.clear();
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

void find_path(surface on, verb wanted, std::string_view path, route_match& out) {
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

void find_rpc(verb sent, std::string_view name, route_match& out) {
  const auto found = std::find_if(routes.begin(), routes.end(), [name](const route& candidate) {
    return candidate.rpc && service::traits(candidate.op).name == name;
  });
  if (found == routes.end()) return;
  out.op = found->op;
  out.to = sent == verb::post ? destination::operation : destination::method_not_allowed;
  if (sent != verb::post) out.allow = verb_name(verb::post);
}

// An RPC is written as its Content-Type says.
void choose_form(const request& incoming, route_match& out) {
  const rpc_form form = find_rpc_form(incoming.value(field::content_type));
  const rpc_protocol protocol = traits(form).protocol;
  const bool grpc = protocol == rpc_protocol::grpc || protocol == rpc_protocol::grpc_web;
  if (protocol == rpc_protocol::grpc && incoming.version != http_version::http2) {
    out.to = destination::http2_required;
    return;
  }
  if (out.to == destination::not_found) {
    // gRPC has a status for that, Connect has that of HTTP.
    if (!grpc || incoming.method != verb::post) return;
    out.to = destination::unimplemented;
  }
  const bool stream = out.to == destination::reflection || out.to == destination::watch;
  const auto connect = stream ? rpc_protocol::connect_stream : rpc_protocol::connect;
  if (!grpc && protocol != connect) {
    out.to = destination::unsupported_media_type;
    return;
  }
  out.form = form;
}

}  // namespace

bool is_streaming(std::string_view target) {
  const std::string_view path = path_of(target);
  return path == reflection_v1 || path == reflection_v1alpha;
}

void find_route(surface on, const request& incoming, route_match& out) {
  out.allow.clear();
  out.id.clear();
  out.id_malformed = false;
  out.form = rpc_form::none;
  out.to = destination::not_found;
  if (incoming.method == verb::options && incoming.target == "*") {
    out.to = destination::server_options;
    return;
  }
  if (incoming.method == verb::options && incoming.has(field::origin) && on == surface::api) {
    out.to = destination::preflight;
    return;
  }
  const std::string_view path = path_of(incoming.target);
  if (!path.starts_with('/')) return;
  const bool of_service = on == surface::api && path.starts_with(user_service);
  if (of_service) {
    find_rpc(incoming.method, path.substr(user_service.size()), out);
  } else {
    find_path(on, incoming.method == verb::head ? verb::get : incoming.method, path, out);
  }
  const bool rpc = of_service || out.to == destination::health || out.to == destination::watch ||
                   out.to == destination::reflection || out.to == destination::not_found;
  if (rpc && out.to != destination::method_not_allowed) choose_form(incoming, out);
}

}  // namespace factord::protocol
