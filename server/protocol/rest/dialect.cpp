#include "server/protocol/rest/dialect.hpp"

#include "server/protocol/messages/endpoint.hpp"
#include "server/protocol/messages/event_stream.hpp"
#include "server/protocol/rest/request.hpp"
#include "server/protocol/rest/status.hpp"
#include "server/protocol/wire/call_note.hpp"
#include "server/protocol/wire/json_error.hpp"
#include "server/protocol/wire/wire_status.hpp"

namespace factord::protocol {
namespace {

using service::status_code;

void read(const route_match& match, request& incoming, const limits& bounds,
          service::call& pending) {
  call_note note = call_note::of(pending.protocol_note);
  note.fault = read_json_request(match, incoming, bounds.body_bytes, pending);
  const bool bulk = service::traits(pending.op).kind == service::operation_kind::bulk;
  if (pending.in.follow)
    note.events = bulk ? event_form::ndjson : find_event_form(incoming.value(field::accept));
  pending.protocol_note = note.packed();
}

// Where the status of the code is not all that HTTP can say.
void refine_status(body_fault fault, response& out) {
  switch (fault) {
    case body_fault::none:
      return;
    case body_fault::unknown_coding:
      out.status = 415;
      // RFC 9110, section 15.5.16: what would have been read.
      out.headers.push_back({"Accept-Encoding", "gzip"});
      return;
    case body_fault::too_large:
      out.status = 413;
      return;
    case body_fault::no_lines:
      out.status = 415;
      out.headers.push_back({"Accept-Post", "application/x-ndjson"});
      out.headers.push_back({"Accept-Encoding", "identity"});
      return;
  }
}

void fail(rpc_form /*form*/, const service::failure& why, response& out) {
  out.status = http_status(why.code);
  write_json_error(why, out.body);
  if (why.code == status_code::unauthenticated) {
    out.headers.push_back({"WWW-Authenticate", "Bearer"});
  } else if (why.code == status_code::unavailable) {
    out.ask_to_retry();
  }
}

void write(const service::call& done, response& out) {
  const service::answer& result = done.out;
  // What ends a stream that has begun is told by what the client is told who comes back.
  const bool stream = done.in.follow && (done.begun || result.code == status_code::ok);
  if (stream) return write_event_part(call_note::of(done.protocol_note).events, done, out);
  if (result.code == status_code::ok) {
    const endpoint& reached = endpoint_of(done.op);
    out.status = reached.success;
    if (!result.not_modified) return reached.write_json(result, out.body);
    out.status = 304;
    return;
  }
  fail(rpc_form::none, {result.code, result.error_id, result.message}, out);
  out.status = path_status(result);
  // The body of who is not let in is nobody's fault.
  if (result.code == status_code::invalid_argument)
    refine_status(call_note::of(done.protocol_note).fault, out);
}

void pause(const service::call& of, response& out) {
  write_event_pause(call_note::of(of.protocol_note).events, out);
}

void refuse(rpc_form /*form*/, const refusal& why, response& out) {
  out.status = why.status;
  out.body = to_json(why);
}

}  // namespace

const dialect json_dialect{read, write, pause, fail, refuse};

}  // namespace factord::protocol
