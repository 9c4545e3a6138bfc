#pragma once

#include "server/protocol/json_object.hpp"
#include "server/protocol/proto/zitadel/user/v2/user_service.pb.h"

namespace factord::protocol {

/// Puts the body of AddHumanUser into its message. What the JSON gets wrong goes into body.error().
void read_json_add_human_user(const json_object& body, zitadel::user::v2::AddHumanUserRequest& out);

}  // namespace factord::protocol
