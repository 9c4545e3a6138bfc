// A whole connection without its socket: requests in arbitrary pieces, arbitrary bytes, blocked
// writes, completions in any order, sweeps, memory pressure, the end of input at any time; HTTP/1.1
// and HTTP/2, plain and over TLS. The input is a program for tests/support/connection_world.hpp,
// which says what must hold.

#include "server/protocol/messages/proto_messages.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/support/connection_world.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  factord::protocol::silence_protobuf_log();
  factord::testing::live_connection(factord::fuzz::as_text(data, size));
  return 0;
}
