#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "storage/base/error.hpp"
#include "storage/rocksdb/wal/wal_tail.hpp"

namespace rocksdb {
class FileSystem;
}

namespace factord::storage {

/// A torn tail of a WAL: the bytes from `offset` to `size` were never answered for.
struct wal_cut {
  std::filesystem::path file;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

/// A file in the format of a WAL, as a manifest is too, and how it ends.
struct judged_log {
  wal_tail_verdict verdict;
  std::uint64_t size = 0;
  std::uint64_t begin = 0;  ///< of a WAL: RocksDB's number of its first change; 0 where it has none
};
/// Reads it to its end, through `files`. A place that cannot be read is an error that names file
/// and offset.
[[nodiscard]] result<judged_log> judge_log(rocksdb::FileSystem& files,
                                           const std::filesystem::path& file,
                                           log_content content = log_content::batches);

struct numbered_wal {
  std::filesystem::path file;
  std::uint64_t number = 0;
};

/// Nothing where there is no WAL.
[[nodiscard]] result<std::optional<numbered_wal>> newest_wal(
    const std::filesystem::path& directory);

/// Judges the WALs in a RocksDB directory (storage/rocksdb/wal/wal_tail.hpp), changing nothing.
/// Nothing where all of them end clean or there is none; errc::corruption, naming the file, where a
/// synced batch is damaged (and its offset) or the logs are not in the order in which they were
/// written. Only the newest can end torn: in an older one everything had been synced.
[[nodiscard]] result<std::optional<wal_cut>> find_torn_tail(rocksdb::FileSystem& files,
                                                            const std::filesystem::path& directory);

/// Cuts the tail off the file, durably. The database must not be open.
[[nodiscard]] result<void> cut_torn_tail(const wal_cut& cut);

}  // namespace factord::storage
