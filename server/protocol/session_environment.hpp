#pragma once

#include "server/base/budget.hpp"
#include "server/base/limits.hpp"
#include "server/protocol/access_log.hpp"
#include "server/protocol/api.hpp"
#include "server/protocol/wire/date_clock.hpp"
#include "server/protocol/wire/request_names.hpp"
#include "server/protocol/wire/wire_status.hpp"
#include "server/service/call_pool.hpp"
#include "server/service/user_service.hpp"
#include "server/tracing/tracer.hpp"

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
  /// Null: requests have no names.
  request_names* names = nullptr;
  /// Null: they are not logged.
  access_log* log = nullptr;
  /// Null: they are not traced.
  tracing::tracer* tracer = nullptr;
};

/// Has a call that is answered to its end traced, where it is to be.
inline void tell(tracing::tracer* to, const service::call& done) {
  if (to == nullptr || !done.context.trace.traced) return;
  to->end(done, code_name(done.out.code), is_fault(http_status(done.out.code)));
}

}  // namespace factord::protocol
