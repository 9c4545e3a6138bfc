#pragma once

#include <google/protobuf/message.h>

#include <string_view>

#include "server/protocol/wire/response.hpp"
#include "server/protocol/wire/rpc_form.hpp"
#include "server/service/answer.hpp"

/// Answers of gRPC, gRPC-Web and Connect: messages, and how a call ended (API.md, section 4). Each
/// function writes into a cleared response.
namespace factord::protocol {

/// The whole answer of a unary call that succeeded.
void write_rpc_message(rpc_form form, const google::protobuf::Message& message, response& out);

/// The whole answer of a call that failed. `error_id` is empty for an error without one.
void write_rpc_failure(rpc_form form, const service::failure& why, response& out);

/// One message of a stream's answer, appended to what `out` holds.
void append_stream_message(rpc_form form, const google::protobuf::Message& message, response& out);

/// The end of a stream's answer, appended to what `out` holds; code ok where it ended well.
void append_stream_end(rpc_form form, const service::failure& why, response& out);

/// Call once the body of an answer, or of a part of it, is complete: turns it into base64 where the
/// form is text.
void finish_body(rpc_form form, response& out);

}  // namespace factord::protocol
