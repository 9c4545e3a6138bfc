#pragma once

#include "server/protocol/proto/factord/v1/event_service.pb.h"
#include "server/protocol/wire/request.hpp"
#include "server/service/call.hpp"

/// factord.v1.EventService/Watch: the log as a stream of messages. What it answers is in
/// proto_answer.hpp.
namespace factord::protocol {

void read_watch(const factord::v1::WatchRequest& sent, const request& incoming,
                service::call& pending);

}  // namespace factord::protocol
