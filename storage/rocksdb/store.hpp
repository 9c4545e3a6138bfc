#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "storage/base/error.hpp"
#include "storage/engine/engine.hpp"
#include "storage/rocksdb/data_directory.hpp"

namespace rocksdb {
class FileSystem;
}

namespace factord::storage {

/// A notice from the storage layer for the log of the program (RocksDB's warnings, a cut tail).
using notice_sink = std::function<void(std::string_view text)>;

struct store_options {
  durability mode = durability::disk;
  std::size_t write_buffer_bytes = 64U << 20U;
  std::size_t wal_bytes = 64U << 20U;
  std::size_t block_cache_bytes = 128U << 20U;
  /// Table files that are kept open; more are open while more are in use (store_files::of_a_walk).
  std::size_t table_files = 1000;
  notice_sink notice;  ///< may be empty
  /// How often it is asked whether DIR and DIR/store still lead to what was opened.
  std::chrono::milliseconds path_interval{1000};
  /// Where RocksDB finds its files; null: on the machine's disks. Tests put their faults in here.
  std::shared_ptr<rocksdb::FileSystem> files = nullptr;
};

/// Opens the RocksDB store in DIR/store, creating it where there is none. Works on the directory
/// that is locked, by its descriptor, wherever it is moved meanwhile; once its path leads
/// elsewhere, the engine has failed (on_background_failure). Cuts a torn tail of the WAL
/// (storage/rocksdb/wal/wal_tail.hpp); refuses a damaged one with errc::corruption, another format
/// version with errc::wrong_format; what it refuses it has not changed. errc::io_error where the
/// lock is not of this DIR (any more). The lock outlives the engine.
[[nodiscard]] result<std::unique_ptr<engine>> open_store(const std::filesystem::path& dir,
                                                         const directory_lock& lock,
                                                         const store_options& options);

/// The same, to be read, changing nothing on disk; errc::store_missing where there is none.
[[nodiscard]] result<std::unique_ptr<log_source>> open_store_read_only(
    const std::filesystem::path& dir, const directory_lock& lock, const store_options& options);

}  // namespace factord::storage
