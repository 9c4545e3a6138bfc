#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "server/protocol/messages/proto_messages.hpp"
#include "server/protocol/proto/google/rpc/status.pb.h"
#include "server/protocol/proto/zitadel/message.pb.h"
#include "server/protocol/wire/base64.hpp"
#include "server/protocol/wire/envelope.hpp"
#include "server/protocol/wire/rpc_form.hpp"

/// Bodies as clients write and read them, for every form over HTTP/1.1.
namespace factord::protocol {

/// How a call ended, whatever the protocol.
struct rpc_outcome {
  std::string code = "ok";  ///< Connect's name
  std::string message;
  std::string id;       ///< of the error detail
  std::string payload;  ///< the answer message, as written
};

inline std::string enveloped(std::string_view payload, std::uint8_t flags = 0) {
  std::string out;
  const std::size_t head = open_envelope(out, flags);
  out += payload;
  close_envelope(out, head);
  return out;
}

inline std::string request_body(rpc_form form, const google::protobuf::Message& message) {
  std::string payload;
  append_message(traits(form).json ? message_encoding::json : message_encoding::proto, message,
                 payload);
  if (traits(form).protocol == rpc_protocol::connect) return payload;
  std::string body = enveloped(payload);
  if (!traits(form).text) return body;
  std::string text;
  append_base64(text, body, padding::equals);
  return text;
}

/// What stands between `before` and the next `after`; empty where there is none.
inline std::string between(std::string_view text, std::string_view before, std::string_view after) {
  const std::size_t at = text.find(before);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = text.substr(at + before.size());
  return std::string(rest.substr(0, rest.find(after)));
}

inline void read_detail(std::string_view bytes, rpc_outcome& out) {
  zitadel::v1::ErrorDetail detail;
  EXPECT_TRUE(detail.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  out.id = detail.id();
}

inline rpc_outcome read_web_answer(std::string_view body, bool text) {
  rpc_outcome out;
  std::string bytes;
  if (text) {
    EXPECT_TRUE(decode_base64(body, bytes)) << body;
    body = bytes;
  }
  while (const auto one = take_envelope(body)) {
    if (one->flags == 0) {
      out.payload = one->payload;
      continue;
    }
    EXPECT_EQ(one->flags, grpc_web_trailers);
    out.code = between(one->payload, "grpc-status: ", "\r\n");
    out.message = between(one->payload, "grpc-message: ", "\r\n");
    std::string details;
    EXPECT_TRUE(decode_base64(between(one->payload, "grpc-status-details-bin: ", "\r\n"), details));
    google::rpc::Status status;
    EXPECT_TRUE(status.ParseFromString(details));
    if (status.details_size() > 0) read_detail(status.details(0).value(), out);
  }
  EXPECT_TRUE(body.empty());
  return out;
}

inline rpc_outcome read_connect_answer(unsigned http_status, std::string_view body) {
  rpc_outcome out;
  if (http_status == 200) {
    out.code = "0";
    out.payload = body;
    return out;
  }
  out.code = between(body, R"("code":")", "\"");
  out.message = between(body, R"("message":")", "\"");
  std::string detail;
  EXPECT_TRUE(decode_base64(between(body, R"("value":")", "\""), detail));
  read_detail(detail, out);
  return out;
}

}  // namespace factord::protocol
