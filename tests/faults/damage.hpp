#pragma once

#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/faults/disk.hpp"

namespace factord::storage::testing {

/// What happened to one file of a store while nobody had it open.
struct damage {
  std::string file;
  std::string what;       ///< in words, e.g. "bit 3 of byte 17 flipped"
  file_contents changed;  ///< the content then; none: lost

  [[nodiscard]] file_contents done_to(file_contents files) const;
};

/// Damages to the files of one kind (the end or the beginning of their names), spread evenly over
/// all of their bytes: `flips` bits flipped, and a quarter as many each of files cut short and of
/// sectors zeroed; then each file lost, and each with the content of the next. Where `flips` is at
/// least the number of bytes, each byte has its turn.
[[nodiscard]] std::vector<damage> damages(const file_contents& files, std::string_view kind,
                                          std::size_t flips, std::mt19937_64& random);

}  // namespace factord::storage::testing
