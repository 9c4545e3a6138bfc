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

/// Judges the bytes of a RocksDB WAL: the batch of the first bad record is torn if no beginning of
/// a later one follows, at any byte offset, and damaged else. Why that loses nothing that was
/// synced, and what it assumes: README.md of this folder. A record of a type that we do not know is
/// never cut: its writer is newer than this program.
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
