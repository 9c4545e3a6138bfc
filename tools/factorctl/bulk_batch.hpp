#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "storage/base/error.hpp"

namespace factord::ctl {

/// How the lines of a file are sent to a bulk of the server.
struct line_rules {
  std::string (*as_request)(std::string_view line);  ///< of one without blanks at its ends
  std::size_t most;                                  ///< bytes of one, as it is sent
};

/// Some lines of a file, as the server takes them: no more than it reads ahead.
struct bulk_batch {
  std::uint64_t first_line = 0;  ///< its number in the file
  std::uint64_t lines = 0;
  std::uint64_t asked = 0;  ///< of these: those that are sent, and no blanks
  std::string text;
  std::uint64_t too_long = 0;  ///< of these: those that are sent as blanks, for they would end all
  std::string failures;        ///< what there is to say of those, a line each
};

/// Takes a batch off the front of `file`. Blank lines are counted. The same file gives the same
/// batches.
[[nodiscard]] bulk_batch take_batch(std::string_view& file, std::uint64_t first_line,
                                    const line_rules& rules);

/// What came of a file.
struct bulk_results {
  std::uint64_t done = 0;
  std::uint64_t would = 0;     ///< beside these: what a line only asked for
  std::uint64_t replayed = 0;  ///< of those that are done: by an earlier run
  std::uint64_t failed = 0;
  std::string failures;  ///< the answers of those, a line each
  std::string codes;     ///< the answers that hold an email's code
};

/// Counts a batch by the server's answer to it, with the numbers that lines have in the file. Fails
/// where the server ended it before its end, and says at which line.
[[nodiscard]] result<void> count_answers(const bulk_batch& batch, std::string_view answer,
                                         bulk_results& results);

}  // namespace factord::ctl
