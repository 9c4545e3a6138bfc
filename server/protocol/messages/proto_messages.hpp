#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <string_view>

#include "server/protocol/wire/request.hpp"
#include "server/protocol/wire/rpc_form.hpp"
#include "server/service/call.hpp"

/// Calls as protobuf messages: those that endpoint_of() names for their operation.
namespace factord::protocol {

struct bulk_kind;  // bulk.hpp

/// How a message is written.
enum class message_encoding : bool { proto, json };

[[nodiscard]] inline message_encoding encoding_of(rpc_form form) noexcept {
  return traits(form).json ? message_encoding::json : message_encoding::proto;
}

/// Fills in `pending.in` from the request message of `pending.op`, and checks it; unknown fields
/// are ignored. The first thing that is wrong goes into `pending.rejected`.
void read_request_message(message_encoding encoding, std::string_view bytes,
                          const request& incoming, service::call& pending);

/// The same for a request to a path: its body is JSON, and the id of the path, where it names a
/// user, beats that of the body.
void read_path_message(std::string_view body, std::string_view id, const request& incoming,
                       service::call& pending);

/// The same for a line of a bulk.
void read_bulk_line(const bulk_kind& kind, message_encoding encoding, std::string_view bytes,
                    const request& incoming, service::call& line);

/// The answer message of a finished call that succeeded. Valid until the next call on this thread.
[[nodiscard]] const google::protobuf::Message& answer_message(const service::call& done);

/// Parses a message that is clear; empty where that went well, else what is wrong with the bytes.
[[nodiscard]] std::string parse_message(message_encoding encoding, std::string_view bytes,
                                        google::protobuf::Message& out);

void append_message(message_encoding encoding, const google::protobuf::Message& message,
                    std::string& out);

/// Protobuf tells stderr of text that is not UTF-8, between the lines of our log. To be called
/// before there are threads.
void silence_protobuf_log();

}  // namespace factord::protocol
