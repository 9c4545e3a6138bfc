#pragma once

#include <string>

#include "server/protocol/wire/response.hpp"
#include "server/service/answer.hpp"

/// How a call ended, as each protocol says it (API.md, section 4); code ok where it ended well.
namespace factord::protocol {

/// gRPC: the trailers of the answer.
void append_grpc_end(const service::failure& why, response& out);

/// gRPC-Web: the same lines, in the last envelope of the body.
void append_grpc_web_end(const service::failure& why, response& out);

/// A stream of Connect: JSON in the last envelope of the body.
void append_connect_end(const service::failure& why, response& out);

/// Any other call of Connect: the JSON of an error.
void append_connect_error(const service::failure& why, std::string& out);

}  // namespace factord::protocol
