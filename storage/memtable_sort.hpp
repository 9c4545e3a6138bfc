#pragma once

#include <rocksdb/memtablerep.h>

#include <cstdint>
#include <vector>

namespace factord::storage {

/// An entry of a memtable in RocksDB's own encoding, and what its sort compares first.
struct ranked_entry {
  std::uint64_t rank;
  const char* entry;
};

/// Sorts as `compare` does, but eight bytes at a time as numbers: the entries lie scattered in
/// memory, so a sort by their bytes would wait for memory at each comparison. One thread.
void sort_entries(std::vector<ranked_entry>& entries,
                  const rocksdb::MemTableRep::KeyComparator& compare);

}  // namespace factord::storage
