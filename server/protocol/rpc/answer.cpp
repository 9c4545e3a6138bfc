#include "server/protocol/rpc/answer.hpp"

#include <string>

#include "server/protocol/json/writer.hpp"
#include "server/protocol/messages/proto_messages.hpp"
#include "server/protocol/proto/google/rpc/status.pb.h"
#include "server/protocol/proto/zitadel/message.pb.h"
#include "server/protocol/wire/base64.hpp"
#include "server/protocol/wire/envelope.hpp"
#include "server/protocol/wire/wire_status.hpp"

namespace factord::protocol {
namespace {

using google::protobuf::Message;
using service::failure;
using service::status_code;

constexpr failure success{status_code::ok, {}, {}};

// The bytes of what every error with an id carries.
zitadel::v1::ErrorDetail error_detail(const failure& why) {
  zitadel::v1::ErrorDetail detail;
  detail.set_id(why.id.data(), why.id.size());
  detail.set_message(why.message.data(), why.message.size());
  return detail;
}

// gRPC over HTTP/2: all but visible ASCII and the blank is %XX, and so is '%'.
std::string percent_encode(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte <= 0x7E && c != '%') {
      out.push_back(c);
    } else {
      out.append({'%', digits[byte >> 4U], digits[byte & 0xFU]});
    }
  }
  return out;
}

// google.rpc.Status with the detail, as a header may carry it.
std::string status_details(const failure& why) {
  google::rpc::Status status;
  status.set_code(static_cast<int>(why.code));
  status.set_message(full_message(why.id, why.message));
  status.add_details()->PackFrom(error_detail(why));
  std::string text;
  append_base64(text, status.SerializeAsString(), padding::none);
  return text;
}

void add_grpc_trailers(const failure& why, std::vector<response::header>& out) {
  out.push_back({"grpc-status", std::to_string(static_cast<unsigned>(why.code))});
  if (why.code == status_code::ok) return;
  out.push_back({"grpc-message", percent_encode(full_message(why.id, why.message))});
  if (!why.id.empty()) out.push_back({"grpc-status-details-bin", status_details(why)});
}

// The same, as the last envelope of gRPC-Web: header lines.
void append_web_trailers(const failure& why, std::string& out) {
  std::vector<response::header> trailers;
  add_grpc_trailers(why, trailers);
  const std::size_t head = open_envelope(out, grpc_web_trailers);
  for (const response::header& line : trailers) {
    out.append(line.name).append(": ").append(line.value).append("\r\n");
  }
  close_envelope(out, head);
}

void append_connect_error(const failure& why, std::string& out) {
  json_writer object(out);
  object.text("code", connect_code_name(why.code));
  object.text("message", full_message(why.id, why.message));
  if (why.id.empty()) return;
  const zitadel::v1::ErrorDetail detail = error_detail(why);
  std::string value;
  append_base64(value, detail.SerializeAsString(), padding::none);
  std::string& details = object.field("details");
  details.push_back('[');
  {
    json_writer entry(details);
    entry.text("type", detail.GetDescriptor()->full_name());
    entry.text("value", value);
  }
  details.push_back(']');
}

void append_connect_end(const failure& why, std::string& out) {
  const std::size_t head = open_envelope(out, connect_end_of_stream);
  {
    json_writer object(out);
    if (why.code != status_code::ok) append_connect_error(why, object.field("error"));
  }
  close_envelope(out, head);
}

// What a client does about an error that is not in its message.
void add_failure_headers(rpc_form form, const failure& why, response& out) {
  const bool connect = traits(form).protocol == rpc_protocol::connect;
  switch (why.code) {
    case status_code::unimplemented:
      // It may be the compression: these are the ones known.
      out.headers.push_back(
          {connect ? "accept-encoding" : "grpc-accept-encoding", "identity,gzip"});
      return;
    case status_code::unauthenticated:
      if (connect) out.headers.push_back({"WWW-Authenticate", "Bearer"});
      return;
    case status_code::unavailable:
      if (connect) out.ask_to_retry();
      return;
    default:
      return;
  }
}

}  // namespace

void write_rpc_message(rpc_form form, const Message& message, response& out) {
  if (traits(form).protocol == rpc_protocol::connect) {
    out.content_type = traits(form).content_type;
    append_message(encoding_of(form), message, out.body);
    // An empty message is a body of a type all the same.
    if (out.body.empty()) {
      out.headers.push_back({"Content-Type", std::string(out.content_type)});
    }
    return;
  }
  append_stream_message(form, message, out);
  append_stream_end(form, success, out);
  finish_body(form, out);
}

void write_rpc_failure(rpc_form form, const failure& why, response& out) {
  add_failure_headers(form, why, out);
  if (traits(form).protocol == rpc_protocol::connect) {
    // An error is JSON whatever the messages are.
    out.status = http_status(why.code);
    return append_connect_error(why, out.body);
  }
  append_stream_end(form, why, out);
  finish_body(form, out);
}

void append_stream_message(rpc_form form, const Message& message, response& out) {
  out.content_type = traits(form).content_type;
  const std::size_t head = open_envelope(out.body, 0);
  append_message(encoding_of(form), message, out.body);
  close_envelope(out.body, head);
}

void append_stream_end(rpc_form form, const failure& why, response& out) {
  out.content_type = traits(form).content_type;
  switch (traits(form).protocol) {
    case rpc_protocol::grpc:
      return add_grpc_trailers(why, out.trailers);
    case rpc_protocol::grpc_web:
      return append_web_trailers(why, out.body);
    default:
      return append_connect_end(why, out.body);
  }
}

void finish_body(rpc_form form, response& out) {
  if (!traits(form).text) return;
  std::string text;
  append_base64(text, out.body, padding::equals);
  out.body = std::move(text);
}

}  // namespace factord::protocol
