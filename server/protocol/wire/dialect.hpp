#pragma once

#include "server/base/limits.hpp"
#include "server/protocol/wire/request.hpp"
#include "server/protocol/wire/response.hpp"
#include "server/protocol/wire/route.hpp"
#include "server/protocol/wire/rpc_form.hpp"
#include "server/service/call.hpp"

namespace factord::protocol {

/// How calls are spoken of: JSON over paths (rest/dialect.hpp), or RPCs (rpc/dialect.hpp), whose
/// protocols are rows of rpc/rules.hpp. Each response comes cleared but for headers.
struct dialect {
  /// Fills in a call whose `op` and note are set. What is wrong goes into `pending.rejected`.
  void (*read)(const route_match& match, request& incoming, const limits& bounds,
               service::call& pending);
  /// The response of a finished call.
  void (*write)(const service::call& done, response& out);
  /// A part of the response of a call that says nothing.
  void (*pause)(const service::call& of, response& out);
  /// The response of what failed without a call.
  void (*fail)(rpc_form form, const service::failure& why, response& out);
  /// The response of a request that its codec found wanting.
  void (*refuse)(rpc_form form, const refusal& why, response& out);
};

}  // namespace factord::protocol
