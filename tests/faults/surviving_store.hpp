#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/faults/disk.hpp"

namespace factord::storage::testing {

/// What has to hold of files that were left behind.
struct survival {
  const std::vector<std::string>& log;  ///< the values of the events that are known
  std::uint64_t answered = 0;           ///< the last of them that was answered
  std::uint64_t written = 0;            ///< the last that can be there
};

/// Opens the files as the server would; `verify` finds nothing; the log is a beginning of
/// `expected.log` from which nothing answered is missing; and the store takes a write. Returns what
/// is wrong, empty where all is well.
[[nodiscard]] std::string complaint(const file_contents& files, const survival& expected);

}  // namespace factord::storage::testing
