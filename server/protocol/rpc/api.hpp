#pragma once

#include <google/protobuf/message.h>

#include "server/base/limits.hpp"
#include "server/protocol/rpc/request.hpp"
#include "server/protocol/wire/request.hpp"
#include "server/protocol/wire/response.hpp"
#include "server/protocol/wire/route.hpp"
#include "server/protocol/wire/rpc_form.hpp"
#include "server/service/call.hpp"

/// What `api` does for requests of a form: gRPC, gRPC-Web and Connect (API.md, section 4). The form
/// of each request and response here is not `none`.
namespace factord::protocol {

/// Fills in a call whose `op` is set. What is wrong goes into `work.rejected`.
void read_rpc(rpc_form form, request& incoming, const limits& bounds, service::call& work);

/// The response of a finished call.
void write_rpc(rpc_form form, const service::call& done, response& out);

/// The response of a request that its codec found wanting.
void refuse_rpc(rpc_form form, const refusal& why, response& out);

/// The one message of a request that no call is needed for, where its deadline has not passed.
[[nodiscard]] rpc_fault read_message(rpc_form form, request& incoming, const limits& bounds,
                                     google::protobuf::Message& out);

/// Server reflection, as far as its questions have arrived; takes them off the body. False where
/// there is nothing to respond yet.
[[nodiscard]] bool answer_reflection_stream(rpc_form form, request& incoming, const limits& bounds,
                                            response& out);

}  // namespace factord::protocol
