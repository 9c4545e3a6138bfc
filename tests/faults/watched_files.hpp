#pragma once

#include <rocksdb/file_system.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace factord::storage::testing {

enum class file_act { create, write, truncate, sync, rename, remove, sync_directory };

/// Something that changes a file, or makes a change durable. Names are without their directory:
/// RocksDB numbers the files of a store, so one directory is all there is.
struct file_event {
  file_act act;
  std::string_view name{};
  std::uint64_t offset = 0;   ///< write: where; truncate: the size
  std::string_view bytes{};   ///< write
  std::string_view target{};  ///< rename: the new name
};

/// Is asked before each event, and told of it once it happened. Calls come one at a time.
class file_watcher {
 public:
  virtual ~file_watcher() = default;
  /// Anything but OK is what RocksDB gets instead. Of a write that fails, half of the bytes are
  /// written all the same.
  [[nodiscard]] virtual rocksdb::IOStatus allow(const file_event& event) = 0;
  /// `ok`: false for a sync that failed.
  virtual void saw(const file_event& event, bool ok) = 0;
};

/// The machine's file system, watched. `watcher` outlives every file made through it, also those of
/// a database that failed and stays in memory.
[[nodiscard]] std::shared_ptr<rocksdb::FileSystem> watched_files(
    std::shared_ptr<file_watcher> watcher);

}  // namespace factord::storage::testing
