#pragma once

#include <cstdint>
#include <string_view>

namespace factord::storage {

enum class wal_end {
  clean,    ///< every record is whole; what follows the last one is nothing, or zeros
  torn,     ///< the last batch is incomplete or bad: it was never synced, so it may go
  damaged,  ///< a batch is bad although a later one was written: it had been synced
};

/// How a write-ahead log ends.
struct wal_tail_verdict {
  wal_end end = wal_end::clean;
  std::uint64_t offset = 0;  ///< clean: past the last record; else where the bad batch begins

  friend bool operator==(const wal_tail_verdict&, const wal_tail_verdict&) = default;
};

/// Judges the bytes of a RocksDB WAL: blocks of 32 KiB, in each a sequence of
///
///   masked crc32c (4, little-endian, of all that follows) | length (2) | type (1)
///   | log number (4, recyclable types only) | payload (length)
///
/// and a rest too short for a header, which is skipped. A batch is one FULL record, or FIRST, any
/// MIDDLEs and LAST. The batch of the first bad record is torn if no valid FULL or FIRST follows,
/// searched at every byte offset, because a bad length hides where the next record begins.
///
/// Exact where batch N + 1 is written only after the sync of batch N had returned. A record of a
/// type that we do not know is never cut: its writer is newer than this program.
[[nodiscard]] wal_tail_verdict judge_wal_tail(std::string_view bytes);

}  // namespace factord::storage
