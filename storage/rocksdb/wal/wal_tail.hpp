#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
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

/// What the records of a log are.
enum class log_content {
  batches,   ///< RocksDB's write batches: a WAL
  anything,  ///< a manifest
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
/// Why that is right. Batch N + 1 is written only after the sync of batch N had returned (mode
/// `disk`), and only a batch whose sync returned was answered. So when the power goes, all batches
/// of the file are durable but one, the last; call it L.
///
/// 1. Every torn tail is cut. Of L any bytes may be there: none, a beginning, some sectors, and
///    zeros elsewhere, written ahead or left by the file system. Nothing was ever written behind L
///    but zeros. If all of L is there, the log is clean, and L stays, answered or not. Else the
///    first bad record is one of L's, or there is none and L is incomplete: FIRST without LAST.
///    Behind it there is no other batch, so none is found, and the cut is where L begins. If
///    nothing of L is there, zeros are, or the end: clean.
/// 2. Every damage to a synced batch is refused, where another stands behind it. The first bad
///    record is that batch's, and the search meets the next batch: it tries every offset, so no bad
///    length hides it. A bit in the padding of a block changes nothing, for nobody reads it.
/// 3. A damaged last batch looks like a torn one, and is cut. Where the log was closed since,
///    storage/rocksdb/wal/durable_ends.hpp knows that it was longer.
///
/// What the search must not find is a batch inside the rest of L: text that looks like a record,
/// checksum included, because a client made it so. A record as long as a text can be has a length
/// below 256 (and so a zero in its header) or holds the beginning of a batch, which has zeros too;
/// text has none (U+0000 is refused everywhere). Chance gives a checksum one time in 2^32 for each
/// offset with a fitting type, and the answer is then the safe one: refused, and nothing is cut.
///
/// Assumed: a sync that returned was one; sectors that were not being written stay as they were
/// (what shares a sector with a synced batch is written again with the same bytes); one write at a
/// time. In mode `process` several batches may be unsynced: if the disk kept a later and lost an
/// earlier one, that is refused as damage, which it is.
///
/// A record of a type that we do not know is never cut: its writer is newer than this program.
[[nodiscard]] wal_tail_verdict judge_wal_tail(std::string_view bytes,
                                              log_content content = log_content::batches);

/// The same, of a log that comes in pieces: a log may be larger than what should be in memory.
class wal_tail_judge {
 public:
  /// Pieces are of whole blocks, all but the last.
  static constexpr std::size_t block_bytes = 32U << 10U;

  explicit wal_tail_judge(log_content content = log_content::batches) : content_(content) {}

  void take(std::string_view piece);
  /// Of what was taken so far.
  [[nodiscard]] wal_tail_verdict verdict() const;

 private:
  void walk(std::string_view piece);
  void look_behind(std::string_view piece, std::size_t at);

  const log_content content_;
  std::uint64_t begin_ = 0;  ///< of the piece
  bool recyclable_ = false;
  std::optional<std::uint64_t> batch_;   ///< where the open batch begins
  std::optional<wal_tail_verdict> bad_;  ///< of the first bad record and what is behind it so far
};

}  // namespace factord::storage
