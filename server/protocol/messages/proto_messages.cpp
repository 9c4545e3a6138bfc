#include "server/protocol/messages/proto_messages.hpp"

#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/util/json_util.h>

#include "server/protocol/json/message.hpp"
#include "server/protocol/messages/bulk.hpp"
#include "server/protocol/messages/endpoint.hpp"
#include "server/protocol/messages/validation.hpp"
#include "storage/base/check.hpp"

namespace factord::protocol {

using google::protobuf::Message;
using service::call;

namespace {

const message_binding& rpc_messages(service::operation op) {
  const endpoint& reached = endpoint_of(op);
  return reached.stream.is_rpc() ? reached.stream : reached.messages;
}

void read_bound(const message_binding& bound, message_encoding encoding, std::string_view bytes,
                const request& incoming, call& pending) {
  FACTORD_CHECK(bound.asks());
  Message& sent = bound.request_message();
  if (const std::string fault = parse_message(encoding, bytes, sent); !fault.empty()) {
    return reject(pending, fault);
  }
  bound.read(sent, incoming, pending);
}

}  // namespace

void read_request_message(message_encoding encoding, std::string_view bytes,
                          const request& incoming, call& pending) {
  read_bound(rpc_messages(pending.op), encoding, bytes, incoming, pending);
}

void read_bulk_line(const bulk_kind& kind, message_encoding encoding, std::string_view bytes,
                    const request& incoming, call& line) {
  read_bound(kind.line, encoding, bytes, incoming, line);
}

void read_path_message(std::string_view body, std::string_view id, const request& incoming,
                       call& pending) {
  const message_binding& bound = endpoint_of(pending.op).messages;
  FACTORD_CHECK(bound.asks());
  Message& sent = bound.request_message();
  if (const std::string fault = read_json_message(body, sent); !fault.empty()) {
    return reject(pending, fault);
  }
  if (service::traits(pending.op).has_target) bound.name_target(sent, id);
  bound.read(sent, incoming, pending);
}

const Message& answer_message(const call& done) { return rpc_messages(done.op).answer(done.out); }

std::string parse_message(message_encoding encoding, std::string_view bytes, Message& out) {
  if (encoding == message_encoding::json) return read_json_message(bytes, out);
  const bool parsed = out.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  return parsed ? std::string() : "malformed protobuf message";
}

void append_message(message_encoding encoding, const Message& message, std::string& out) {
  if (encoding == message_encoding::json) {
    const auto status = google::protobuf::util::MessageToJsonString(message, &out);
    FACTORD_CHECK(status.ok());
    return;
  }
  FACTORD_CHECK(message.AppendToString(&out));
}

void silence_protobuf_log() { google::protobuf::SetLogHandler(nullptr); }

}  // namespace factord::protocol
