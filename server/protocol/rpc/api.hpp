#pragma once

#include <google/protobuf/message.h>

#include "server/base/limits.hpp"
#include "server/protocol/rpc/request.hpp"
#include "server/protocol/wire/dialect.hpp"

/// RPCs: gRPC, gRPC-Web and Connect (API.md, section 4). The form of each request and response here
/// is not `none`.
namespace factord::protocol {

extern const dialect rpc_dialect;

/// As rpc_dialect reads it.
void read_rpc(rpc_form form, request& incoming, const limits& bounds, service::call& pending);

/// The one message of a request that no call is needed for, where its deadline has not passed.
[[nodiscard]] rpc_fault read_message(rpc_form form, request& incoming, const limits& bounds,
                                     google::protobuf::Message& out);

/// Server reflection, as far as its questions have arrived; takes them off the body. False where
/// there is nothing to respond yet.
[[nodiscard]] bool answer_reflection_stream(rpc_form form, request& incoming, const limits& bounds,
                                            response& out);

}  // namespace factord::protocol
