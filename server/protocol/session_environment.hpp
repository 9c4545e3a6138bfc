#pragma once

#include "server/base/budget.hpp"
#include "server/base/limits.hpp"
#include "server/protocol/api.hpp"
#include "server/protocol/wire/date_clock.hpp"
#include "server/service/call_pool.hpp"
#include "server/service/user_service.hpp"

namespace factord::protocol {

/// Of the commit queue, what lines of bulks may fill: the rest is for who removes one.
[[nodiscard]] constexpr std::size_t bulk_share(const storage::commit_limits& queue) noexcept {
  return queue.queue_commands / 2;
}

/// What the sessions of one shard share. Everything outlives them.
struct session_environment {
  const limits& bounds;
  const date_clock& date;
  const api& interface;
  service::user_service& users;
  service::call_pool& calls;
  /// How many lines of bulks of the process may be in the commit queue at once. Null: any number.
  budget* bulk_lines = nullptr;
};

}  // namespace factord::protocol
