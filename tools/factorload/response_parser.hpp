#pragma once

#include <cstddef>
#include <string_view>

namespace factord::load {

enum class parse_state {
  complete,   ///< one response is there, whole
  need_more,  ///< a good beginning
  malformed,  ///< no response that we read: not HTTP/1, interim, without a Content-Length, too big
};

struct parsed_response {
  parse_state state = parse_state::need_more;
  int status = 0;
  bool closes = false;     ///< the server will close the connection after it
  std::size_t length = 0;  ///< bytes, head and body, to go on after
};

/// Header bytes of a response may be this many, body bytes as well.
inline constexpr std::size_t response_part_max = 64U << 10U;

/// Reads the response at the start of `bytes`. Keeps nothing: after need_more, call it again with
/// the same bytes and more. A response that arrives in one piece is thus read once.
[[nodiscard]] parsed_response parse_response(std::string_view bytes) noexcept;

}  // namespace factord::load
