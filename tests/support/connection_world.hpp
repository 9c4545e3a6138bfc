#pragma once

#include <string_view>

namespace factord::testing {

/// Lives one connection, as `program` says: the real connection, service and commit queue over the
/// memory engine, with a client that sends known requests in arbitrary pieces and a network, a
/// queue and a clock that do anything at any time. What must hold is a FACTORD_CHECK:
///  - a request is executed once at most, with exactly the bytes that were sent, and in the order
///    of HTTP/1.1;
///  - where nothing was cut off, each has one answer, its own, and on HTTP/1.1 in order; a Watch
///    lasts, and says each change once;
///  - nobody reads what a read that is under way has not brought yet;
///  - in the end no call is left over, no memory is counted, and the store is sound.
///
/// A program is three bytes of how to run it, then steps: {what, how}, some with bytes that follow
/// (connection_program.hpp).
void live_connection(std::string_view program);

}  // namespace factord::testing
