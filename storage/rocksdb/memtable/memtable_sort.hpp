#pragma once

#include <rocksdb/memtablerep.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "storage/rocksdb/memtable/core_yielder.hpp"

namespace factord::storage {

/// An internal key is a user key and so many bytes of sequence and type.
inline constexpr std::size_t internal_key_trailer = 8;

/// An entry of a memtable in RocksDB's own encoding, and what its sort compares first.
struct ranked_entry {
  std::uint64_t rank;
  const char* entry;
};

/// Asks memory for the entry that a walk over `entries` reaches soon after `at`. The entries lie
/// scattered: without, a walk waits for memory at each of them.
inline void prefetch_ahead(std::span<const ranked_entry> entries, std::size_t at) {
  constexpr std::size_t distance = 8;
  constexpr std::size_t cache_line = 64;
  if (at + distance >= entries.size()) return;
  const char* const ahead = entries[at + distance].entry;
  __builtin_prefetch(ahead);
  __builtin_prefetch(ahead + cache_line);
}

/// How many sorts this thread has made. A sort of a full memtable takes tens of milliseconds, so
/// tests hold threads that must not wait to none.
[[nodiscard]] std::uint64_t sorts_of_this_thread() noexcept;

/// Sorts as `compare` does, but eight bytes at a time as numbers: the entries lie scattered in
/// memory, so a sort by their bytes would wait for memory at each comparison. Each comparison is a
/// step of `sharing`. One thread.
void sort_entries(std::vector<ranked_entry>& entries,
                  const rocksdb::MemTableRep::KeyComparator& compare, core_yielder& sharing);

}  // namespace factord::storage
