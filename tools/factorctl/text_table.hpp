#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace factord::ctl {

/// The text with control characters as \xNN, so that an id cannot steer the reader's terminal.
[[nodiscard]] std::string printable(std::string_view text);

/// JSON with the same meaning in which no byte is one for a terminal: JSON escapes C0 itself.
[[nodiscard]] std::string printable_json(std::string_view json);

/// Lines of left-aligned columns, two spaces apart, each as wide as its widest cell (in code
/// points). `rows` hold as many cells as `header`. Ends with a line feed.
[[nodiscard]] std::string format_table(const std::vector<std::string>& header,
                                       const std::vector<std::vector<std::string>>& rows);

}  // namespace factord::ctl
