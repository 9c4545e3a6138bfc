#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace factord::protocol {

/// What stands at the front of a text of lines.
enum class line_verdict : std::uint8_t {
  unfinished,  ///< the beginning of a line, or nothing: the text goes on
  line,
  blank,     ///< a line with nothing on it but blanks
  too_long,  ///< a line is longer than it may be
  end,       ///< nothing: the text is over
};

/// Takes a line off the front of `text`: it ends with LF or with CR LF, and the last one may end
/// with the text. `goes_on`: more of it will follow. `line` is set where there is one, without its
/// end, of up to `most` bytes; it points into the text. What is no line and no blank one is left.
[[nodiscard]] line_verdict take_line(std::string_view& text, bool goes_on, std::size_t most,
                                     std::string_view& line);

}  // namespace factord::protocol
