#pragma once

#include <cstdint>

namespace factord::storage {

/// How large the parts of a store are, in bytes, as somebody looked last. 0: there is no such part
/// here.
struct store_sizes {
  std::uint64_t tables = 0;     ///< sorted files
  std::uint64_t log = 0;        ///< the write-ahead log
  std::uint64_t memtables = 0;  ///< in memory, and not in a sorted file yet
  std::uint64_t cache = 0;      ///< in memory, of the sorted files
  std::uint64_t free = 0;       ///< left on the disk for whoever writes there
};

}  // namespace factord::storage
