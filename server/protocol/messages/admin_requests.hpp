#pragma once

#include "server/protocol/proto/factord/admin/v1/admin.pb.h"
#include "server/protocol/wire/request.hpp"
#include "server/service/call.hpp"

/// Requests of the admin socket (README). Each fills in `pending.in` from a message, and checks it.
namespace factord::protocol {

void read_create_token(const factord::admin::v1::CreateTokenRequest& sent, const request& incoming,
                       service::call& pending);

void read_start_backup(const factord::admin::v1::StartBackupRequest& sent, const request& incoming,
                       service::call& pending);

/// Asks for nothing more.
void read_reset_store(const factord::admin::v1::ResetStoreRequest& sent, const request& incoming,
                      service::call& pending);

}  // namespace factord::protocol
