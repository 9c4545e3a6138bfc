#include "server/protocol/router.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "server/protocol/messages/endpoint.hpp"
#include "server/protocol/wire/uri.hpp"

namespace factord::protocol {
namespace {

constexpr std::string_view user_service = "/zitadel.user.v2.UserService/";
constexpr std::string_view health_check_path = "/grpc.health.v1.Health/Check";
constexpr std::string_view health_watch_path = "/grpc.health.v1.Health/Watch";
constexpr std::string_view event_watch_path = "/factord.v1.EventService/Watch";
constexpr std::string_view bulk_removal_path = "/factord.v1.FactorService/BulkRemoveOTPEmail";
constexpr std::string_view bulk_addition_path = "/factord.v1.UserService/BulkAddHumanUser";
constexpr std::string_view reflection_v1 =
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
constexpr std::string_view reflection_v1alpha =
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";

using service::operation;

// What is no operation, on the API, or one under a name that is not of ZITADEL's.
struct route {
  verb method;
  std::string_view path;
  destination to;
  operation op{};  // where `to` is call_stream
};

constexpr auto others = std::to_array<route>({
    {verb::get, "/healthz", destination::alive},
    {verb::get, "/livez", destination::alive},
    {verb::get, "/debug/healthz", destination::alive},
    {verb::get, "/readyz", destination::ready},
    {verb::get, "/debug/ready", destination::ready},
    {verb::get, "/openapi.json", destination::json_description},
    {verb::get, "/openapi.yaml", destination::yaml_description},
    {verb::post, health_check_path, destination::health},
    {verb::post, health_watch_path, destination::watch},
    {verb::post, event_watch_path, destination::call_stream, operation::list_events},
    {verb::post, bulk_removal_path, destination::call_stream, operation::bulk_remove_otp_email},
    {verb::post, bulk_addition_path, destination::call_stream, operation::bulk_add_human_user},
    {verb::post, reflection_v1, destination::reflection},
    {verb::post, reflection_v1alpha, destination::reflection},
});

// On the monitoring surface there is nothing else.
constexpr auto watched = std::to_array<route>({
    {verb::get, "/metrics", destination::metrics},
    {verb::get, "/livez", destination::alive},
    {verb::get, "/readyz", destination::ready},
    {verb::get, "/version", destination::version},
    {verb::get, "/config", destination::settings},
});

std::span<const route> others_on(surface on) {
  if (on == surface::admin) return {};
  return on == surface::api ? std::span<const route>(others) : watched;
}

// One that is in the tables; what else is no operation is told by other means than paths.
bool is_rpc(destination to) {
  return to == destination::health || to == destination::watch || to == destination::reflection ||
         to == destination::call_stream;
}

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

std::string_view verb_name(verb method) { return method == verb::get ? "GET, HEAD" : name(method); }

// True where a path is found with its verb; otherwise with which ones it could have been is noted.
bool take(verb method, verb wanted, route_match& out) {
  if (method == wanted) {
    out.allow.clear();
    return true;
  }
  out.to = destination::method_not_allowed;
  if (!out.allow.empty()) out.allow += ", ";
  out.allow += verb_name(method);
  return false;
}

std::string_view path_on(surface on, const endpoint& row) {
  if (on == surface::monitoring) return {};
  return on == surface::api ? row.path : row.admin_path;
}

void find_path(surface on, verb wanted, std::string_view path, route_match& out) {
  for (const endpoint& row : endpoints()) {
    const std::string_view pattern = path_on(on, row);
    if (pattern.empty() || !fits(pattern, path, out) || !take(row.method, wanted, out)) continue;
    out.to = destination::operation;
    out.op = row.which;
    return;
  }
  for (const route& row : others_on(on)) {
    if (!fits(row.path, path, out) || !take(row.method, wanted, out)) continue;
    out.to = row.to;
    out.op = row.op;
    return;
  }
}

void find_rpc(verb sent, std::string_view name, route_match& out) {
  for (const endpoint& row : endpoints()) {
    if (!row.messages.is_rpc() || service::traits(row.which).name != name) continue;
    out.op = row.which;
    out.to = sent == verb::post ? destination::operation : destination::method_not_allowed;
    if (sent != verb::post) out.allow = verb_name(verb::post);
    return;
  }
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
  const bool stream = is_rpc(out.to) && out.to != destination::health;
  const auto connect = stream ? rpc_protocol::connect_stream : rpc_protocol::connect;
  if (!grpc && protocol != connect) {
    out.to = destination::unsupported_media_type;
    return;
  }
  out.form = form;
}

std::vector<std::string_view> find_bulk_paths() {
  std::vector<std::string_view> found;
  for (const endpoint& row : endpoints()) {
    if (row.bulk != nullptr) found.insert(found.end(), {row.path, row.admin_path});
  }
  for (const route& row : others) {
    if (endpoint_of(row.op).bulk != nullptr) found.push_back(row.path);
  }
  return found;
}

// As find_route() finds them, however the path is spelled.
bool is_one_of(std::span<const std::string_view> patterns, std::string_view path) {
  if (path.find('%') == path.npos) return std::ranges::find(patterns, path) != patterns.end();
  route_match ignored;
  return std::ranges::any_of(patterns,
                             [&](std::string_view one) { return fits(one, path, ignored); });
}

}  // namespace

bool is_bulk(std::string_view target) {
  static const std::vector<std::string_view> bulks = find_bulk_paths();
  return is_one_of(bulks, path_of(target));
}

bool is_streaming(std::string_view target) {
  static constexpr std::array reflections{reflection_v1, reflection_v1alpha};
  return is_one_of(reflections, path_of(target)) || is_bulk(target);
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
  const bool rpc = of_service || is_rpc(out.to) || out.to == destination::not_found;
  if (rpc && out.to != destination::method_not_allowed) choose_form(incoming, out);
  if (out.to == destination::call_stream) out.to = destination::operation;
}

std::vector<path_route> path_routes() {
  std::vector<path_route> found;
  for (const endpoint& row : endpoints()) {
    if (!row.path.empty()) found.push_back({row.method, row.path});
  }
  for (const route& row : others) {
    if (!is_rpc(row.to)) found.push_back({row.method, row.path});
  }
  return found;
}

}  // namespace factord::protocol
