#include "server/protocol/api.hpp"

#include <algorithm>
#include <utility>

#include "server/protocol/wire_status.hpp"
#include "server/protocol/json_answer.hpp"
#include "server/protocol/json_request.hpp"
#include "server/protocol/json_writer.hpp"

namespace factord::protocol {
namespace {

using service::status_code;

constexpr std::string_view retry_after_s = "1";

std::string_view readiness_name(readiness state) {
  switch (state) {
    case readiness::starting:
      return "starting";
    case readiness::ready:
      return "ready";
    case readiness::draining:
      return "draining";
    case readiness::storage_failed:
      break;
  }
  return "storage failed";
}

// Answers of one operation so far, by status.
void write_answer_counts(const service::counters& tally, service::operation op, std::string& out) {
  json_writer object(out);
  for (std::size_t code = 0; code < service::status_code_count; ++code) {
    const auto status = static_cast<status_code>(code);
    object.number(code_name(status), tally.answers(op, status));
  }
}

}  // namespace

api::api(api_options options) : options_(std::move(options)) {}

void api::read(const route_match& match, const request& incoming, surface on,
               service::call& work) const {
  work.op = match.op;
  work.protocol_note = find_origin(incoming);
  work.in.trusted = on == surface::admin;
  work.in.has_authorization = incoming.has(field::authorization);
  work.in.authorization.assign(incoming.value(field::authorization));
  read_json_request(match, incoming, work);
}

void api::write(const service::call& done, response& out) const {
  const service::answer& result = done.out;
  add_cors_headers(done.protocol_note, out);
  if (result.code == status_code::ok) {
    const bool created = done.op == service::operation::add_human_user ||
                         done.op == service::operation::create_token;
    out.status = created ? 201 : 200;
    if (done.op == service::operation::stats) return write_stats(done, out.body);
    return write_json_answer(done, out.body);
  }
  out.status = http_status(result.code);
  write_json_error(result.code, result.error_id, result.message, out.body);
  if (result.code == status_code::unauthenticated) {
    out.headers.push_back({"WWW-Authenticate", "Bearer"});
  } else if (result.code == status_code::unavailable) {
    out.headers.push_back({"Retry-After", std::string(retry_after_s)});
  }
}

void api::refuse(const request& incoming, response& out) const {
  add_cors_headers(find_origin(incoming), out);
  out.status = incoming.refused.status;
  write_json_error(static_cast<status_code>(incoming.refused.code), {}, incoming.refused.message,
                   out.body);
}

void api::answer(const route_match& match, const request& incoming, response& out) const {
  const std::uint32_t origin = find_origin(incoming);
  if (match.to == destination::preflight) {
    out.status = 204;
    add_cors_headers(origin, out);
    if (origin == 0) return;
    out.headers.push_back({"Access-Control-Allow-Methods", "GET, HEAD, POST, DELETE, OPTIONS"});
    out.headers.push_back(
        {"Access-Control-Allow-Headers",
         "Authorization, Content-Type, X-Zitadel-Orgid, Accept, Connect-Protocol-Version, "
         "Connect-Timeout-Ms, Grpc-Timeout, X-Grpc-Web, X-User-Agent"});
    out.headers.push_back({"Access-Control-Max-Age", "7200"});
    return;
  }
  add_cors_headers(origin, out);
  switch (match.to) {
    case destination::alive:
      out.content_type = "text/plain; charset=utf-8";
      out.body = "ok";
      return;
    case destination::ready:
      return write_ready(out);
    case destination::method_not_allowed:
      out.status = 405;
      write_json_error(status_code::unimplemented, {}, "Method Not Allowed", out.body);
      out.headers.push_back({"Allow", match.allow});
      return;
    default:
      out.status = http_status(status_code::not_found);
      return write_json_error(status_code::not_found, {}, "Not Found", out.body);
  }
}

void api::write_ready(response& out) const {
  const readiness state = options_.state.get();
  if (state != readiness::ready) {
    out.status = 503;
    out.headers.push_back({"Retry-After", std::string(retry_after_s)});
  }
  json_writer object(out.body);
  object.text("status", readiness_name(state));
  object.text("durability", storage::name(options_.mode));
}

void api::write_stats(const service::call& done, std::string& out) const {
  using service::operation;
  const service::counters& tally = options_.tally;
  json_writer object(out);
  object.text("storeId", done.out.store_id);
  object.text("durability", storage::name(options_.mode));
  object.time("startedAt", options_.started_at);
  append_json_number(object.field("lastSequence"), done.out.head.sequence);
  object.text("headHash", storage::to_hex(done.out.head.hash));
  object.time("headCreatedAt", done.out.head.created_at);
  append_json_number(object.field("removalsAnswered"),
                     tally.answers(operation::remove_otp_email, status_code::ok));
  append_json_number(object.field("removalEvents"),
                     tally.events(storage::event_type::otp_email_removed));
  json_writer answers(object.field("answers"));
  for (std::size_t i = 0; i < service::operation_count; ++i) {
    const auto op = static_cast<operation>(i);
    write_answer_counts(tally, op, answers.field(service::traits(op).name));
  }
}

std::uint32_t api::find_origin(const request& incoming) const {
  if (options_.cors_origins.empty() || !incoming.has(field::origin)) return 0;
  const auto& allowed = options_.cors_origins;
  const auto found = std::find(allowed.begin(), allowed.end(), incoming.value(field::origin));
  return found == allowed.end() ? 0 : static_cast<std::uint32_t>(found - allowed.begin()) + 1;
}

void api::add_cors_headers(std::uint32_t origin, response& out) const {
  if (options_.cors_origins.empty()) return;
  out.headers.push_back({"Vary", "Origin"});
  if (origin == 0) return;
  out.headers.push_back({"Access-Control-Allow-Origin", options_.cors_origins[origin - 1]});
  out.headers.push_back({"Access-Control-Allow-Credentials", "true"});
  out.headers.push_back(
      {"Access-Control-Expose-Headers", "grpc-status, grpc-message, grpc-status-details-bin"});
}

}  // namespace factord::protocol
