#include "server/protocol/rpc/bulk.hpp"

#include "server/protocol/messages/bulk.hpp"
#include "server/protocol/messages/proto_messages.hpp"
#include "server/protocol/messages/validation.hpp"
#include "server/protocol/rpc/answer.hpp"
#include "server/protocol/wire/envelope.hpp"

namespace factord::protocol {
namespace {

using service::call;
using service::status_code;

bulk_item fault_of(rpc_fault found) {
  return {bulk_item::kind::fault, {}, found.code, std::move(found.message)};
}

bulk_item take_last(std::string_view rest) {
  if (rest.empty()) return {bulk_item::kind::end, {}, status_code::ok, {}};
  return fault_of({status_code::invalid_argument, "the message is cut short"});
}

bulk_item take(rpc_form form, const request& incoming, std::string_view& rest, std::size_t most) {
  thread_local std::string scratch;
  const auto length = announced_length(rest);
  if (length && *length > most) return fault_of(message_too_large(most));
  const auto sent = take_envelope(rest);
  if (!sent) return incoming.more ? bulk_item{} : take_last(rest);
  std::string_view message;
  rpc_fault fault = open_message(form, incoming, *sent, most, scratch, message);
  if (fault.found()) return fault_of(std::move(fault));
  return {bulk_item::kind::line, message, status_code::ok, {}};
}

void read(rpc_form form, const bulk_kind& kind, std::string_view text, const request& incoming,
          call& line) {
  read_bulk_line(kind, encoding_of(form), text, incoming, line);
}

void write(rpc_form form, const bulk_kind& kind, const call& line, response& out) {
  append_stream_message(form, kind.answer(line), out);
}

void write_end(rpc_form form, const bulk_end& how, response& out) {
  append_stream_end(form, {how.code, how.error_id, how.message}, out);
}

}  // namespace

const bulk_dialect rpc_bulk_dialect{take, read, write, write_end};

void read_rpc_bulk(rpc_form form, const request& incoming, call& head) {
  rpc_fault fault = check_demands(form, incoming, head.deadline);
  if (!fault.found()) fault = check_compression(form, incoming);
  // Base64 that may go on is not decoded: clients of this form cannot send in parts.
  if (!fault.found() && traits(form).text)
    fault = {status_code::unimplemented, "a stream of messages is not sent as text"};
  if (fault.found()) return reject(head, fault.code, {}, fault.message);
  begin_bulk(incoming, head);
}

}  // namespace factord::protocol
