#include "server/protocol/rpc/api.hpp"

#include "server/protocol/messages/proto_messages.hpp"
#include "server/protocol/messages/validation.hpp"
#include "server/protocol/proto/factord/v1/event_service.pb.h"
#include "server/protocol/proto/grpc/reflection/v1/reflection.pb.h"
#include "server/protocol/rpc/answer.hpp"
#include "server/protocol/rpc/bulk.hpp"
#include "server/protocol/rpc/reflection.hpp"
#include "server/protocol/rpc/request.hpp"
#include "server/protocol/rpc/rules.hpp"
#include "server/protocol/wire/call_note.hpp"

namespace factord::protocol {
namespace {

namespace v1 = grpc::reflection::v1;

using service::failure;
using service::status_code;

rpc_fault parse(rpc_form form, std::string_view bytes, google::protobuf::Message& out) {
  std::string fault = parse_message(encoding_of(form), bytes, out);
  if (fault.empty()) return {};
  return {status_code::invalid_argument, std::move(fault)};
}

// Nothing here takes time, so a deadline has passed only where there was none left to begin with.
rpc_fault check_deadline(rpc_form form, const request& incoming) {
  auto deadline = service::no_deadline;
  if (rpc_fault fault = check_demands(form, incoming, deadline); fault.found()) return fault;
  if (deadline > incoming.begun) return {};
  return {status_code::deadline_exceeded, "the deadline has passed, nothing was done"};
}

// One question of the stream, and its answer.
rpc_fault answer_question(rpc_form form, const request& incoming, const envelope& sent,
                          const limits& bounds, response& out) {
  if (out.body.size() > bounds.output_bytes) {
    return {status_code::resource_exhausted, "too many questions at once"};
  }
  std::string scratch;
  std::string_view message;
  v1::ServerReflectionRequest question;
  rpc_fault fault = open_message(form, incoming, sent, bounds.body_bytes, scratch, message);
  if (!fault.found()) fault = parse(form, message, question);
  if (fault.found()) return fault;
  v1::ServerReflectionResponse answer;
  answer_reflection(question, answer);
  append_stream_message(form, answer, out);
  return {};
}

rpc_fault answer_questions(rpc_form form, request& incoming, const limits& bounds, response& out) {
  if (rpc_fault fault = check_deadline(form, incoming); fault.found()) return fault;
  if (rpc_fault fault = check_compression(form, incoming); fault.found()) return fault;
  std::string_view rest = incoming.body;
  while (const auto sent = take_envelope(rest)) {
    rpc_fault fault = answer_question(form, incoming, *sent, bounds, out);
    if (fault.found()) return fault;
  }
  const auto length = announced_length(rest);
  if (length && *length > bounds.body_bytes) return message_too_large(bounds.body_bytes);
  incoming.body.erase(0, incoming.body.size() - rest.size());
  if (!incoming.more && !incoming.body.empty()) {
    return {status_code::invalid_argument, "the message is cut short"};
  }
  return {};
}

void read(const route_match& match, request& incoming, const limits& bounds,
          service::call& pending) {
  const bool bulk = service::traits(pending.op).kind == service::operation_kind::bulk;
  if (bulk) return read_rpc_bulk(match.form, incoming, pending);
  read_rpc(match.form, incoming, bounds, pending);
}

// A part of a stream, or its end. The first is the header alone where there is no event yet.
void write_part(rpc_form form, const service::call& done, response& out) {
  const service::answer& result = done.out;
  out.content_type = traits(form).content_type;
  out.paced = true;
  out.more = result.more;
  if (!result.more) {
    append_stream_end(form, {result.code, result.error_id, result.message}, out);
    return finish_body(form, out);
  }
  if (!result.has_events()) return;
  out.body = result.page->written(call_note{.form = form}.packed(), [&](std::string& to) {
    response part;
    append_stream_message(form, answer_message(done), part);
    finish_body(form, part);
    to = std::move(part.body);
  });
}

void write(const service::call& done, response& out) {
  const rpc_form form = call_note::of(done.protocol_note).form;
  const service::answer& result = done.out;
  if (done.in.follow && (done.begun || result.more)) return write_part(form, done, out);
  if (result.code == status_code::ok) return write_rpc_message(form, answer_message(done), out);
  write_rpc_failure(form, {result.code, result.error_id, result.message}, out);
}

// A message without anything in it.
void pause(const service::call& of, response& out) {
  const rpc_form form = call_note::of(of.protocol_note).form;
  out.paced = out.more = true;
  append_stream_message(form, factord::v1::WatchResponse(), out);
  finish_body(form, out);
}

void refuse(rpc_form form, const refusal& why, response& out) {
  const bool message_too_large = why.status == 413;
  const bool header_too_large = why.status == 431 || why.status == 414;
  const auto code = message_too_large || header_too_large ? status_code::resource_exhausted
                                                          : static_cast<status_code>(why.code);
  write_rpc_failure(form, {code, {}, why.message}, out);
  // What HTTP itself has a status for is shown as that, where an answer has one.
  if (header_too_large && !rules_of(form).enveloped()) out.status = why.status;
}

}  // namespace

const dialect rpc_dialect{read, write, pause, write_rpc_failure, refuse};

rpc_fault read_message(rpc_form form, request& incoming, const limits& bounds,
                       google::protobuf::Message& out) {
  std::string scratch;
  std::string_view message;
  rpc_fault fault = check_deadline(form, incoming);
  if (!fault.found()) fault = decode_text(form, incoming.body);
  if (!fault.found()) fault = take_message(form, incoming, bounds.body_bytes, scratch, message);
  return fault.found() ? fault : parse(form, message, out);
}

void read_rpc(rpc_form form, request& incoming, const limits& bounds, service::call& pending) {
  if (const rpc_fault fault = decode_text(form, incoming.body); fault.found()) {
    return reject(pending, fault.code, {}, fault.message);
  }
  read_rpc_request(form, incoming, bounds.body_bytes, pending);
}

bool answer_reflection_stream(rpc_form form, request& incoming, const limits& bounds,
                              response& out) {
  // Base64 that may go on is not decoded: clients of this form cannot send in parts.
  const bool text = traits(form).text;
  const bool too_large = text && incoming.body.size() > bounds.body_bytes;
  if (text && incoming.more && !too_large) return false;
  rpc_fault fault =
      too_large ? message_too_large(bounds.body_bytes) : decode_text(form, incoming.body);
  if (!fault.found()) fault = answer_questions(form, incoming, bounds, out);
  out.more = incoming.more && !fault.found();
  if (!out.more) append_stream_end(form, {fault.code, {}, fault.message}, out);
  if (out.body.empty() && out.more) return false;
  finish_body(form, out);
  return true;
}

}  // namespace factord::protocol
