#pragma once

#include "server/protocol/json_object.hpp"
#include "server/protocol/request.hpp"
#include "server/service/call.hpp"

namespace factord::protocol {

/// Fills in the body of AddHumanUser and checks it (api.md, section 2). The org is that of the
/// body, else that of the x-zitadel-orgid field; `work.in.org` stays empty for the caller's.
void read_add_human_user(const json_object& body, const request& incoming, service::call& work);

}  // namespace factord::protocol
