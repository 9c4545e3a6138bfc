#pragma once

#include <cstdint>
#include <random>

#include "server/base/reporting.hpp"
#include "server/service/call.hpp"
#include "server/tracing/trace_queue.hpp"

namespace factord::tracing {

/// Decides which calls are traced, and tells of those. One thread's.
class tracer {
 public:
  /// `to` outlives it. `drawn` is random.
  tracer(const trace_rules& rules, std::uint64_t drawn, trace_queue& to)
      : traces_(rules.traces()),
        trusts_clients_(rules.trusts_clients),
        sampled_(rules.sampled),
        random_(drawn),
        to_(to) {}

  /// Before `pending` is started. One that is traced has a span id from here on, and a trace where
  /// its client has named none.
  void begin(service::call& pending);

  /// One that is traced is answered to its end. `code`: gRPC's name of how; static.
  void end(const service::call& done, std::string_view code, bool failed);

 private:
  [[nodiscard]] bool samples(const service::trace_context& said);

  const bool traces_;
  const bool trusts_clients_;
  const std::uint32_t sampled_;
  std::mt19937_64 random_;
  trace_queue& to_;
};

}  // namespace factord::tracing
