#pragma once

#include <string>
#include <string_view>

#include "server/service/request_context.hpp"

namespace factord::protocol {

/// Reads `traceparent` and `tracestate` (W3C Trace Context, sections 3.2 and 3.3): version 00, and
/// of later ones what is in it. What is malformed is as if it were absent, as the standard wants
/// it; without a trace there is no state of it.
void read_trace(std::string_view parent, std::string_view state, service::trace_context& out,
                std::string& out_state);

}  // namespace factord::protocol
