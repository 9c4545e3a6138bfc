#pragma once

#include <cstdint>

#include "server/base/limits.hpp"
#include "server/base/readiness.hpp"
#include "server/protocol/wire/request.hpp"
#include "server/protocol/wire/response.hpp"
#include "server/protocol/wire/rpc_form.hpp"

/// grpc.health.v1.Health. The form of each request and response here is not `none`.
namespace factord::protocol {

/// Check.
void answer_health(rpc_form form, request& incoming, const limits& bounds, readiness state,
                   response& out);

/// One Watch: to whom, and what was said last. The first answer is that of begin_watch(), the last
/// that of end_watch().
struct health_watch {
  std::uint64_t request_id = 0;
  rpc_form form{};
  bool known = false;  ///< the service that is watched is one of ours
  int told = 0;        ///< grpc.health.v1.HealthCheckResponse.ServingStatus
};

/// Answers a request with the status of now, and fills in `begun`. `out.more` tells whether the
/// watch goes on: a request that is at fault, and one over HTTP/1.1, which sends no answer in
/// parts, are answered to the end.
void begin_watch(rpc_form form, request& incoming, const limits& bounds, readiness state,
                 health_watch& begun, response& out);

/// The next answer, or false where the status is what was told last.
[[nodiscard]] bool tell_watch(health_watch& of, readiness state, response& out);

/// The last answer: UNAVAILABLE, so that the client watches elsewhere, or here again, behind the
/// status where that has changed.
void end_watch(health_watch& of, readiness state, response& out);

}  // namespace factord::protocol
