#include "server/protocol/api.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <string>
#include <utility>

#include "server/protocol/json/writer.hpp"
#include "server/protocol/openapi.hpp"
#include "server/protocol/request_checks.hpp"
#include "server/protocol/rest/dialect.hpp"
#include "server/protocol/rpc/api.hpp"
#include "server/protocol/wire/call_note.hpp"
#include "server/protocol/wire/entity_tag.hpp"
#include "server/protocol/wire/json_error.hpp"

namespace factord::protocol {
namespace {

using service::status_code;

constexpr service::failure unknown_method{status_code::unimplemented, {}, "unknown method"};
constexpr std::string_view verbs_known = "GET, HEAD, POST, DELETE, OPTIONS";

// Whatever the protocol: to gRPC it is metadata. An error has none, for what it would be of.
void add_entity_tag(const service::call& done, response& out) {
  const std::uint64_t sequence = done.out.details.sequence;
  const bool tagged = done.out.code == status_code::ok && sequence != 0;
  if (tagged && service::traits(done.op).is_tagged())
    out.headers.push_back({"ETag", to_entity_tag(sequence)});
}

void add_replayed(const service::call& done, response& out) {
  if (done.out.retry == service::retry_verdict::replayed)
    out.headers.push_back({"Idempotency-Replayed", "true"});
}

std::string_view readiness_name(readiness state) {
  switch (state) {
    case readiness::starting:
      return "starting";
    case readiness::ready:
      return "ready";
    case readiness::store_unavailable:
      return "store unavailable";
    case readiness::draining:
      return "draining";
    case readiness::storage_failed:
      break;
  }
  return "storage failed";
}

const dialect& dialect_of(rpc_form form) {
  return form == rpc_form::none ? json_dialect : rpc_dialect;
}

// As the counters name it.
service::call_protocol protocol_of(rpc_form form) {
  using enum service::call_protocol;
  switch (traits(form).protocol) {
    case rpc_protocol::none:
      return json;
    case rpc_protocol::grpc:
      return grpc;
    case rpc_protocol::grpc_web:
      return grpc_web;
    case rpc_protocol::connect:
    case rpc_protocol::connect_stream:
      break;
  }
  return connect;
}

// Of a request that was not read to its end the Content-Type alone may say how it is written.
rpc_form form_of(const route_match& match, const request& incoming) {
  if (match.form != rpc_form::none) return match.form;
  const rpc_form sent = find_rpc_form(incoming.value(field::content_type));
  const rpc_protocol protocol = traits(sent).protocol;
  const bool grpc = protocol == rpc_protocol::grpc || protocol == rpc_protocol::grpc_web;
  return grpc ? sent : rpc_form::none;
}

// A path or a verb that leads nowhere, whatever the protocol.
void write_http_error(answer_status status, status_code code, std::string_view message,
                      response& out) {
  out.status = status;
  write_json_error({code, {}, message}, out.body);
}

}  // namespace

api::api(api_options options) : options_(std::move(options)) {}

void api::read(const route_match& match, request& incoming, surface on,
               service::call& pending) const {
  pending.op = match.op;
  pending.over = protocol_of(match.form);
  pending.protocol_note = call_note{.form = match.form, .origin = find_origin(incoming)}.packed();
  pending.who.trusted = on == surface::admin;
  pending.in.has_authorization = incoming.has(field::authorization);
  pending.in.authorization.assign(incoming.value(field::authorization));
  check_request(match, incoming, pending);
  dialect_of(match.form).read(match, incoming, options_.bounds, pending);
}

// W3C Server Timing: in milliseconds.
void api::add_server_timing(const service::call& done, response& out) const {
  using clock = std::chrono::steady_clock;
  if (!options_.times_answers || done.ended_at == clock::time_point{}) return;
  std::array<char, 96> text;
  const auto ms = [](auto from, auto to) {
    return std::chrono::duration<double, std::milli>(to - from).count();
  };
  const int size =
      std::snprintf(text.data(), text.size(), "queue;dur=%.3f, commit;dur=%.3f",
                    ms(done.asked_at, done.taken_at), ms(done.taken_at, done.ended_at));
  out.headers.push_back(
      {"Server-Timing", std::string(text.data(), static_cast<std::size_t>(size))});
}

void api::write(const service::call& done, response& out) const {
  const call_note note = call_note::of(done.protocol_note);
  add_cors_headers(note.origin, out);
  add_entity_tag(done, out);
  add_replayed(done, out);
  add_server_timing(done, out);
  dialect_of(note.form).write(done, out);
}

void api::pause(const service::call& of, response& out) {
  const call_note note = call_note::of(of.protocol_note);
  dialect_of(note.form).pause(of, out);
}

void api::refuse(const route_match& match, const request& incoming, response& out) const {
  add_cors_headers(find_origin(incoming), out);
  const rpc_form form = form_of(match, incoming);
  dialect_of(form).refuse(form, incoming.refused, out);
}

void api::watch(const route_match& match, request& incoming, health_watch& begun,
                response& out) const {
  add_cors_headers(find_origin(incoming), out);
  begin_watch(match.form, incoming, options_.bounds, options_.state.get(), begun, out);
}

bool api::answer(const route_match& match, request& incoming, response& out) const {
  const std::uint16_t origin = find_origin(incoming);
  add_cors_headers(origin, out);
  if (const auto fault = query_fault(match, incoming); !fault.empty()) {
    write_http_error(400, status_code::invalid_argument, fault, out);
    return true;
  }
  switch (match.to) {
    case destination::preflight:
      answer_preflight(origin, out);
      break;
    case destination::server_options:
      out.headers.push_back({"Allow", std::string(verbs_known)});
      break;
    case destination::alive:
      out.content_type = "text/plain; charset=utf-8";
      out.body = "ok";
      break;
    case destination::ready:
      write_ready(out);
      break;
    case destination::metrics:
      out.content_type = "text/plain; version=0.0.4; charset=utf-8";
      options_.pages.metrics(out.body);
      break;
    case destination::version:
      write_version(out);
      break;
    case destination::settings:
      out.body = options_.pages.settings;
      break;
    case destination::json_description:
      answer_openapi(openapi_json, incoming, out);
      break;
    case destination::yaml_description:
      answer_openapi(openapi_yaml, incoming, out);
      break;
    case destination::health:
      answer_health(match.form, incoming, options_.bounds, options_.state.get(), out);
      break;
    case destination::reflection:
      return answer_reflection_stream(match.form, incoming, options_.bounds, out);
    case destination::unimplemented:
      dialect_of(match.form).fail(match.form, unknown_method, out);
      break;
    case destination::method_not_allowed:
      write_http_error(405, status_code::unimplemented, "Method Not Allowed", out);
      out.headers.push_back({"Allow", match.allow});
      break;
    case destination::unsupported_media_type:
      write_http_error(415, status_code::invalid_argument, "Unsupported Media Type", out);
      out.headers.push_back({"Accept-Post", known_content_types()});
      break;
    case destination::http2_required:
      write_http_error(505, status_code::unimplemented, "gRPC needs HTTP/2", out);
      break;
    case destination::operation:
    case destination::call_stream:
    case destination::watch:
    case destination::not_found:
      write_http_error(404, status_code::not_found, "Not Found", out);
      break;
  }
  return true;
}

void api::answer_preflight(std::uint16_t origin, response& out) const {
  out.status = 204;
  if (origin == 0) return;
  out.headers.push_back({"Access-Control-Allow-Methods", std::string(verbs_known)});
  out.headers.push_back(
      {"Access-Control-Allow-Headers",
       "Authorization, Content-Type, X-Zitadel-Orgid, Accept, Connect-Protocol-Version, "
       "Connect-Timeout-Ms, Grpc-Timeout, Idempotency-Key, If-Match, If-None-Match, "
       "Last-Event-ID, Traceparent, Tracestate, X-Grpc-Web, X-Request-Id, X-User-Agent"});
  out.headers.push_back({"Access-Control-Max-Age", "7200"});
}

void api::write_version(response& out) const {
  json_writer object(out.body);
  object.text("version", options_.pages.version);
  object.text("store", options_.pages.store);
}

void api::write_ready(response& out) const {
  const readiness state = options_.state.get();
  if (state != readiness::ready) {
    out.status = 503;
    out.ask_to_retry();
  }
  json_writer object(out.body);
  object.text("status", readiness_name(state));
  object.text("durability", storage::name(options_.mode));
  object.number("machines", options_.machines());
  const std::uint64_t steps = options_.state.clock_steps();
  object.number("clockSteps", steps);
  if (steps != 0) {
    append_json_duration(object.field("lastClockStep"), options_.state.last_clock_step());
  }
}

std::uint16_t api::find_origin(const request& incoming) const {
  if (options_.cors_origins.empty() || !incoming.has(field::origin)) return 0;
  const auto& allowed = options_.cors_origins;
  const auto found = std::find(allowed.begin(), allowed.end(), incoming.value(field::origin));
  return found == allowed.end() ? 0 : static_cast<std::uint16_t>(found - allowed.begin() + 1);
}

void api::add_cors_headers(std::uint16_t origin, response& out) const {
  if (options_.cors_origins.empty()) return;
  out.headers.push_back({"Vary", "Origin"});
  if (origin == 0) return;
  out.headers.push_back({"Access-Control-Allow-Origin", options_.cors_origins[origin - 1]});
  out.headers.push_back({"Access-Control-Allow-Credentials", "true"});
  out.headers.push_back({"Access-Control-Expose-Headers",
                         "ETag, Idempotency-Replayed, X-Request-Id, grpc-status, grpc-message, "
                         "grpc-status-details-bin"});
}

}  // namespace factord::protocol
