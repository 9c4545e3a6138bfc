#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace factord::protocol::http1 {

/// Finds where the header of a request ends and refuses what no header may hold, before the parser
/// sees it: the parser accepts more than RFC 9112 allows (folded lines, above all). Looks at each
/// byte once, however the input is cut.
class header_scanner {
 public:
  header_scanner() = default;
  /// Of field lines alone, up to the empty line after them: trailers.
  [[nodiscard]] static header_scanner of_fields();

  enum class status {
    more,           ///< the end is not in the input yet
    complete,       ///< the header is the first size() bytes of the input
    bad,            ///< reason() says why
    too_long,       ///< the end is not within the limit
    line_too_long,  ///< nor is the end of the request line
  };

  /// `input` starts at the request line and is what the last call saw, or longer.
  [[nodiscard]] status scan(std::string_view input, std::size_t limit);

  [[nodiscard]] bool begun() const noexcept { return size_ != 0; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::string_view reason() const noexcept { return reason_; }
  void reset() noexcept { *this = header_scanner(); }

 private:
  enum class place : std::uint8_t {
    request_line,
    request_line_end,  ///< after its CR
    line_start,
    name,
    value,
    value_end,   ///< after its CR
    header_end,  ///< after the CR of the empty line
    complete,
    bad,
  };

  void skip_plain(std::string_view input);
  void skip_all(std::string_view input, unsigned char which);
  void step(char c);
  void step_request_line(char c);
  void step_line_start(char c);
  void step_name(char c);
  void step_value(char c);
  void expect_line_feed(char c, place next);
  void refuse(std::string_view reason);

  place place_ = place::request_line;
  std::size_t size_ = 0;  ///< bytes looked at
  std::string_view reason_;
};

}  // namespace factord::protocol::http1
