#include "server/protocol/rpc/health.hpp"

#include "server/protocol/proto/grpc/health/v1/health.pb.h"
#include "server/protocol/rpc/answer.hpp"
#include "server/protocol/rpc/api.hpp"
#include "server/protocol/rpc/reflection.hpp"
#include "server/protocol/rpc/request.hpp"

namespace factord::protocol {
namespace {

namespace health = grpc::health::v1;

using service::failure;
using service::status_code;

constexpr failure no_parts{
    status_code::unimplemented, {}, "Watch is not spoken over HTTP/1.0: use Check"};
constexpr failure going_away{status_code::unavailable, {}, "watch again, here or elsewhere"};

// No service: the server as a whole.
bool is_known(const health::HealthCheckRequest& asked) {
  return asked.service().empty() || is_served(asked.service());
}

health::HealthCheckResponse::ServingStatus status_of(readiness state) {
  return state == readiness::ready ? health::HealthCheckResponse::SERVING
                                   : health::HealthCheckResponse::NOT_SERVING;
}

bool append_status(health_watch& of, readiness state, response& out) {
  const auto now = of.known ? status_of(state) : health::HealthCheckResponse::SERVICE_UNKNOWN;
  if (of.told == now) return false;
  of.told = now;
  health::HealthCheckResponse answer;
  answer.set_status(now);
  append_stream_message(of.form, answer, out);
  return true;
}

}  // namespace

void answer_health(rpc_form form, request& incoming, const limits& bounds, readiness state,
                   response& out) {
  health::HealthCheckRequest asked;
  if (const rpc_fault fault = read_message(form, incoming, bounds, asked); fault.found()) {
    return write_rpc_failure(form, {fault.code, {}, fault.message}, out);
  }
  if (!is_known(asked)) {
    return write_rpc_failure(form, {status_code::not_found, {}, "unknown service"}, out);
  }
  health::HealthCheckResponse answer;
  answer.set_status(status_of(state));
  write_rpc_message(form, answer, out);
}

void begin_watch(rpc_form form, request& incoming, const limits& bounds, readiness state,
                 health_watch& begun, response& out) {
  health::HealthCheckRequest asked;
  if (const rpc_fault fault = read_message(form, incoming, bounds, asked); fault.found()) {
    return write_rpc_failure(form, {fault.code, {}, fault.message}, out);
  }
  if (!incoming.takes_parts) return write_rpc_failure(form, no_parts, out);
  begun = {incoming.id, form, is_known(asked), health::HealthCheckResponse::UNKNOWN};
  out.more = append_status(begun, state, out);
  finish_body(form, out);
}

bool tell_watch(health_watch& of, readiness state, response& out) {
  out.more = append_status(of, state, out);
  if (out.more) finish_body(of.form, out);
  return out.more;
}

void end_watch(health_watch& of, readiness state, response& out) {
  (void)append_status(of, state, out);
  append_stream_end(of.form, going_away, out);
  finish_body(of.form, out);
}

}  // namespace factord::protocol
