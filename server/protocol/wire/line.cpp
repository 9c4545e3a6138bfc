#include "server/protocol/wire/line.hpp"

#include <algorithm>

namespace factord::protocol {
namespace {

std::string_view without_return(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

line_verdict take_line(std::string_view& text, bool goes_on, std::size_t most,
                       std::string_view& line) {
  const std::size_t end = text.find('\n');
  const std::string_view found = without_return(text.substr(0, end));
  if (found.size() > most) return line_verdict::too_long;
  if (end == std::string_view::npos) {
    if (goes_on) return line_verdict::unfinished;
    if (text.empty()) return line_verdict::end;
  }
  text.remove_prefix(std::min(end, text.size() - 1) + 1);
  line = found;
  const bool blank = found.find_first_not_of(" \t\r") == std::string_view::npos;
  return blank ? line_verdict::blank : line_verdict::line;
}

}  // namespace factord::protocol
