#pragma once

#include "server/protocol/rpc/request.hpp"
#include "server/protocol/wire/bulk.hpp"

namespace factord::protocol {

/// Bulks as streams of messages: gRPC, gRPC-Web and Connect.
extern const bulk_dialect rpc_bulk_dialect;

/// Checks what a client demands of a bulk, and sets its deadline.
void read_rpc_bulk(rpc_form form, const request& incoming, service::call& head);

}  // namespace factord::protocol
