#include "tests/support/connection_watch.hpp"

#include <charconv>

#include "server/protocol/wire/envelope.hpp"
#include "storage/base/check.hpp"

namespace factord::testing {

using protocol::connect_end_of_stream;
using protocol::take_envelope;

std::string watch_body() {
  std::string body;
  const std::size_t head = protocol::open_envelope(body, 0);
  body += "{}";
  protocol::close_envelope(body, head);
  return body;
}

watch_seen read_watch(std::string_view body) {
  watch_seen seen;
  while (const auto one = take_envelope(body)) {
    FACTORD_CHECK(!seen.ended);
    if (one->flags == connect_end_of_stream) {
      FACTORD_CHECK(one->payload.find(R"("code":"unavailable")") != body.npos);
      seen.ended = true;
      continue;
    }
    const bool serving = one->payload == R"({"status":"SERVING"})";
    FACTORD_CHECK(one->flags == 0);
    FACTORD_CHECK(serving || one->payload == R"({"status":"NOT_SERVING"})");
    FACTORD_CHECK(seen.statuses == 0 || serving != seen.serving);
    seen.serving = serving;
    ++seen.statuses;
  }
  FACTORD_CHECK(!seen.ended || body.empty());
  return seen;
}

chunked_body read_chunks(std::string_view wire) {
  chunked_body read;
  while (!read.whole) {
    const std::string_view rest = wire.substr(read.wire_bytes);
    const std::size_t line = rest.find("\r\n");
    if (line == rest.npos) return read;
    std::size_t size = 0;
    const auto parsed = std::from_chars(rest.data(), rest.data() + line, size, 16);
    FACTORD_CHECK(parsed.ptr == rest.data() + line);
    if (rest.size() < line + 2 + size + 2) return read;
    FACTORD_CHECK(rest.substr(line + 2 + size, 2) == "\r\n");
    read.bytes += rest.substr(line + 2, size);
    read.wire_bytes += line + 2 + size + 2;
    read.whole = size == 0;
  }
  return read;
}

}  // namespace factord::testing
