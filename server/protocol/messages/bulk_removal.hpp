#pragma once

#include <google/protobuf/message.h>

#include "server/protocol/messages/path_requests.hpp"
#include "server/protocol/proto/factord/v1/factor_service.pb.h"
#include "server/protocol/wire/request.hpp"
#include "server/service/call.hpp"

/// BulkRemoveOTPEmail, as a path and as factord.v1.FactorService. What is wrong goes into
/// `rejected`.
namespace factord::protocol {

/// The request as a whole, by its path.
void read_bulk_removal(const path_request& sent, service::call& head);

/// The same, over whatever it came: its answer comes in parts.
void begin_bulk_removal(const request& incoming, service::call& head);

/// One line of it.
void read_removal(const factord::v1::BulkRemoveOTPEmailRequest& sent, const request& incoming,
                  service::call& line);

/// What one line is answered. Valid until the next call on this thread.
[[nodiscard]] const google::protobuf::Message& removal_answer(const service::call& line);

}  // namespace factord::protocol
