#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "storage/base/error.hpp"

namespace factord::ctl {

/// Some lines of a file of removals, as the server takes them: no more than it reads ahead.
struct removal_batch {
  std::uint64_t first_line = 0;  ///< its number in the file
  std::uint64_t lines = 0;
  std::uint64_t asked = 0;  ///< of these: those that are not blank
  std::string text;
};

/// Takes a batch off the front of `file`. A line is an object of JSON as the server takes it, or
/// the id of a user alone; blank lines are counted. The same file gives the same batches.
[[nodiscard]] removal_batch take_removals(std::string_view& file, std::uint64_t first_line);

/// What came of removals.
struct removal_counts {
  std::uint64_t removed = 0;
  std::uint64_t replayed = 0;  ///< of these: by an earlier run
  std::uint64_t failed = 0;
};

/// Counts the answer to a batch, and appends those lines of it that are no 200 to `failures`, with
/// the numbers that lines have in the file. Fails where the server ended it before its end, and
/// says at which line.
[[nodiscard]] result<void> count_removals(const removal_batch& batch, std::string_view answer,
                                          removal_counts& counts, std::string& failures);

}  // namespace factord::ctl
