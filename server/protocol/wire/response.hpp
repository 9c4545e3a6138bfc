#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "server/protocol/wire/answer_status.hpp"

namespace factord::protocol {

/// An answer of any HTTP version. The codec adds what every answer carries: Date, Server,
/// X-Content-Type-Options, Content-Length and what its version needs.
///
/// A request that takes parts (request::takes_parts) may be answered in several: all but the last
/// say `more`; the first brings status and headers, each a piece of the body, the last the
/// trailers.
struct response {
  struct header {
    std::string_view name;  ///< static, e.g. "WWW-Authenticate"; HTTP/2 sends it in lower case
    std::string value;      ///< no CR, LF or NUL (codecs check)

    /// False for a value that would end its line, and begin what the answer does not say.
    [[nodiscard]] static constexpr bool may_be(std::string_view value) noexcept {
      return std::ranges::none_of(value, [](char c) { return c == '\r' || c == '\n' || c == 0; });
    }
  };

  answer_status status = 200;
  /// Static. Left out where the answer has no body, no trailers and no further parts.
  std::string_view content_type = "application/json";
  std::string_view cache_control = "no-store";  ///< static
  /// X-Request-Id; empty: none. Valid until the codec has the answer; no CR, LF or NUL.
  std::string_view request_name;
  std::vector<header> headers;  ///< beyond those of every answer
  std::string body;
  /// HTTP/2 only. Sent after the body; where nothing was sent before them and the body is empty,
  /// in the header block, which then ends the stream (what gRPC calls trailers-only).
  std::vector<header> trailers;
  bool more = false;  ///< not the last part
  /// Parts are given only while there is room for them (codec::has_room), so what waits of them is
  /// bounded, and keeps no other request waiting.
  bool paced = false;

  /// What is wrong may be over soon: the client is asked to come back in a second.
  void ask_to_retry() { headers.push_back({"Retry-After", "1"}); }

  void clear() {
    status = 200;
    content_type = "application/json";
    cache_control = "no-store";
    request_name = {};
    headers.clear();
    body.clear();
    trailers.clear();
    more = paced = false;
  }
};

}  // namespace factord::protocol
