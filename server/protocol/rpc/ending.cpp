#include "server/protocol/rpc/ending.hpp"

#include <vector>

#include "server/protocol/json/writer.hpp"
#include "server/protocol/proto/google/rpc/status.pb.h"
#include "server/protocol/proto/zitadel/message.pb.h"
#include "server/protocol/wire/base64.hpp"
#include "server/protocol/wire/envelope.hpp"
#include "server/protocol/wire/wire_status.hpp"

namespace factord::protocol {
namespace {

using service::failure;
using service::status_code;

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

}  // namespace

void append_grpc_end(const failure& why, response& out) { add_grpc_trailers(why, out.trailers); }

void append_grpc_web_end(const failure& why, response& out) {
  std::vector<response::header> trailers;
  add_grpc_trailers(why, trailers);
  const std::size_t head = open_envelope(out.body, grpc_web_trailers);
  for (const response::header& line : trailers) {
    out.body.append(line.name).append(": ").append(line.value).append("\r\n");
  }
  close_envelope(out.body, head);
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

void append_connect_end(const failure& why, response& out) {
  const std::size_t head = open_envelope(out.body, connect_end_of_stream);
  {
    json_writer object(out.body);
    if (why.code != status_code::ok) append_connect_error(why, object.field("error"));
  }
  close_envelope(out.body, head);
}

}  // namespace factord::protocol
