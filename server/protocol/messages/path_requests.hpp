#pragma once

#include <string_view>

#include "server/protocol/wire/request.hpp"
#include "server/service/call.hpp"

/// Requests that are said by their target alone. Each fills in `pending.in`, and checks it; the
/// first thing that is wrong goes into `pending.rejected`.
namespace factord::protocol {

struct path_request {
  std::string_view target;  ///< path and query, as sent
  std::string_view id;      ///< what stands for {id}, decoded
  const request& incoming;
};

void read_list_events(const path_request& sent, service::call& pending);
void read_list_tokens(const path_request& sent, service::call& pending);
void read_revoke_token(const path_request& sent, service::call& pending);
void read_get_backup(const path_request& sent, service::call& pending);
/// Nothing is said.
void read_stats(const path_request& sent, service::call& pending);

}  // namespace factord::protocol
