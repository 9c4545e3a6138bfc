#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>

#include "server/tracing/call_trace.hpp"

namespace factord::tracing {

/// What time it was on both clocks at one moment: traces have the time of day.
struct clock_pair {
  std::chrono::steady_clock::time_point steady;
  std::chrono::system_clock::time_point wall;

  [[nodiscard]] static clock_pair read() {
    return {std::chrono::steady_clock::now(), std::chrono::system_clock::now()};
  }
};

/// Calls as the body of a request to a collector (OTLP/HTTP, binary protobuf): a span `request`
/// named by its operation for each, with those of its stages under it: authenticate, queue, commit.
[[nodiscard]] std::string to_otlp(std::span<const call_trace> calls, const clock_pair& now,
                                  std::string_view version);

/// How many spans a collector says it has refused, in the body of its answer; all of them where
/// that is none.
struct otlp_answer {
  bool read = false;
  std::int64_t rejected = 0;
  std::string message;
};
[[nodiscard]] otlp_answer read_otlp_answer(std::string_view body);

}  // namespace factord::tracing
