#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "server/service/answer.hpp"
#include "server/service/operation.hpp"
#include "server/service/request_context.hpp"

namespace factord::tracing {

/// What is told of one call: a span, and one of each stage that it went through.
struct call_trace {
  using time_point = std::chrono::steady_clock::time_point;

  service::request_context context;
  service::operation op{};
  std::string_view protocol;  ///< static, as is the next
  std::string_view code;
  bool failed = false;  ///< by a fault of the server, or for want of room
  std::uint64_t sequence = 0;
  // The clock's epoch: there was no such time.
  time_point asked_at;
  time_point admitted_at;
  time_point taken_at;
  time_point ended_at;
  time_point answered_at;
};

}  // namespace factord::tracing
