#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "storage/base/error.hpp"
#include "storage/engine.hpp"

namespace rocksdb {
class FileSystem;
}

namespace factord::storage {

/// A notice from the storage layer for the log of the program (RocksDB's warnings, a cut tail).
using notice_sink = std::function<void(std::string_view text)>;

/// The lock of a data directory, held while this lives (flock on the directory itself, so that no
/// file is added to it, and before anything in it is read or changed).
class directory_lock {
 public:
  /// errc::store_locked where another process holds it, errc::io_error where DIR cannot be opened.
  [[nodiscard]] static result<directory_lock> take(const std::filesystem::path& dir);
  directory_lock(directory_lock&& other) noexcept;
  directory_lock& operator=(directory_lock&& other) noexcept;
  ~directory_lock();

  /// The descriptor of the directory, for paths relative to it. Owned by the lock.
  [[nodiscard]] int fd() const noexcept { return fd_; }

 private:
  explicit directory_lock(int fd) noexcept : fd_(fd) {}
  int fd_ = -1;
};

struct store_options {
  durability mode = durability::disk;
  std::size_t write_buffer_bytes = 64U << 20U;
  std::size_t wal_bytes = 64U << 20U;
  std::size_t block_cache_bytes = 128U << 20U;
  /// Table files that are kept open; more are open while more are in use (store_files::of_a_walk).
  std::size_t table_files = 1000;
  notice_sink notice;  ///< may be empty
  /// Where RocksDB finds its files; null: on the machine's disks. Tests put their faults in here.
  std::shared_ptr<rocksdb::FileSystem> files = nullptr;
};

/// Makes DIR (0700) if it is missing. A DIR that is not empty and holds no store is refused with
/// errc::not_a_store; nothing in it is changed. Needed before directory_lock::take for a new store.
[[nodiscard]] result<void> prepare_directory(const std::filesystem::path& dir);

/// Opens the RocksDB store in DIR/store, creating it where there is none. Cuts a torn tail of the
/// WAL (storage/wal_tail.hpp); refuses a damaged one with errc::corruption, another format version
/// with errc::wrong_format. The lock must be of this DIR and outlive the engine.
[[nodiscard]] result<std::unique_ptr<engine>> open_store(const std::filesystem::path& dir,
                                                         const directory_lock& lock,
                                                         const store_options& options);

/// The same, changing nothing on disk: readers only, and errc::store_missing where there is none.
[[nodiscard]] result<std::unique_ptr<engine>> open_store_read_only(const std::filesystem::path& dir,
                                                                   const directory_lock& lock,
                                                                   const store_options& options);

}  // namespace factord::storage
