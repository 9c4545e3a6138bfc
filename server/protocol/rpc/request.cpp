#include "server/protocol/rpc/request.hpp"

#include "server/protocol/messages/proto_messages.hpp"
#include "server/protocol/messages/validation.hpp"
#include "server/protocol/rpc/rules.hpp"
#include "server/protocol/rpc/timeout.hpp"
#include "server/protocol/wire/base64.hpp"
#include "server/protocol/wire/gzip.hpp"

namespace factord::protocol {
namespace {

using service::status_code;

rpc_fault malformed(std::string_view what) {
  return {status_code::invalid_argument, std::string(what)};
}

// Connect's clients may name the version that they speak, and need not (its protocol, "Unary-Get"
// and "Unary-Request").
bool speaks_version(rpc_form form, const request& incoming) {
  return !rules_of(form).versioned || !incoming.has(field::connect_protocol_version) ||
         incoming.value(field::connect_protocol_version) == "1";
}

content_coding find_compression(rpc_form form, const request& incoming) {
  const rpc_rules& rules = rules_of(form);
  return rules.find_coding(incoming.value(rules.compression));
}

rpc_fault unzip(std::string_view bytes, std::size_t max, std::string& scratch,
                std::string_view& message) {
  const unzipped how = gunzip(bytes, max, scratch);
  if (how == unzipped::too_large) return message_too_large(max);
  if (how == unzipped::malformed) return malformed("the message is not what gzip makes");
  message = scratch;
  return {};
}

rpc_fault take_whole_body(const request& incoming, content_coding how, std::size_t max,
                          std::string& scratch, std::string_view& message) {
  // An empty body is an empty message, compressed or not.
  if (how == content_coding::gzip && !incoming.body.empty()) {
    return unzip(incoming.body, max, scratch, message);
  }
  message = incoming.body;
  return {};
}

rpc_fault take_enveloped_message(rpc_form form, const request& incoming, std::size_t max,
                                 std::string& scratch, std::string_view& message) {
  std::string_view body = incoming.body;
  // gRPC's own word for a number of messages that the method does not take.
  if (body.empty()) return {status_code::unimplemented, "the request holds no message"};
  const auto length = announced_length(body);
  if (length && *length > max) return message_too_large(max);
  const auto sent = take_envelope(body);
  if (!sent) return malformed("the message is cut short");
  if (!body.empty()) return {status_code::unimplemented, "the request holds more than one message"};
  return open_message(form, incoming, *sent, max, scratch, message);
}

}  // namespace

rpc_fault message_too_large(std::size_t max) {
  return {status_code::resource_exhausted,
          "the message is larger than " + std::to_string(max) + " bytes"};
}

rpc_fault check_compression(rpc_form form, const request& incoming) {
  if (find_compression(form, incoming) != content_coding::unknown) return {};
  return {status_code::unimplemented,
          std::string("unknown ").append(name(rules_of(form).compression))};
}

rpc_fault check_demands(rpc_form form, const request& incoming,
                        std::chrono::steady_clock::time_point& deadline) {
  if (!speaks_version(form, incoming))
    return malformed("connect-protocol-version must be 1: no other is spoken here");
  const auto bad = read_deadline(form, incoming, deadline);
  return bad ? malformed(std::string("malformed ").append(name(*bad))) : rpc_fault{};
}

rpc_fault decode_text(rpc_form form, std::string& body) {
  if (!traits(form).text) return {};
  std::string bytes;
  if (!decode_base64(body, bytes)) return malformed("the body is not base64");
  body = std::move(bytes);
  return {};
}

rpc_fault open_message(rpc_form form, const request& incoming, const envelope& sent,
                       std::size_t max, std::string& scratch, std::string_view& message) {
  // First, as for a message of which only the length has come.
  if (sent.payload.size() > max) return message_too_large(max);
  if (sent.flags > envelope_compressed) return malformed("unknown flags before the message");
  message = sent.payload;
  if (sent.flags == 0) return {};
  if (find_compression(form, incoming) != content_coding::gzip) {
    return malformed("a compressed message, and no compression named");
  }
  return unzip(sent.payload, max, scratch, message);
}

rpc_fault take_message(rpc_form form, const request& incoming, std::size_t max,
                       std::string& scratch, std::string_view& message) {
  if (rpc_fault fault = check_compression(form, incoming); fault.found()) return fault;
  if (rules_of(form).enveloped())
    return take_enveloped_message(form, incoming, max, scratch, message);
  return take_whole_body(incoming, find_compression(form, incoming), max, scratch, message);
}

void read_rpc_request(rpc_form form, const request& incoming, std::size_t max,
                      service::call& pending) {
  // Kept from call to call, as the messages are.
  thread_local std::string scratch;
  if (const rpc_fault fault = check_demands(form, incoming, pending.deadline); fault.found()) {
    return reject(pending, fault.code, {}, fault.message);
  }
  std::string_view message;
  if (const rpc_fault fault = take_message(form, incoming, max, scratch, message); fault.found()) {
    return reject(pending, fault.code, {}, fault.message);
  }
  read_request_message(encoding_of(form), message, incoming, pending);
}

}  // namespace factord::protocol
