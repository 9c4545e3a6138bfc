#pragma once

#include <rocksdb/db.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/error.hpp"
#include "storage/base/held_directory.hpp"
#include "storage/engine/store_sizes.hpp"
#include "storage/rocksdb/failure/failure_latch.hpp"
#include "storage/rocksdb/logger.hpp"
#include "storage/rocksdb/path_watch.hpp"
#include "storage/rocksdb/store.hpp"
#include "storage/rocksdb/wal/durable_ends_keeper.hpp"
#include "storage/rocksdb/wal/wal_file.hpp"

namespace factord::storage {

/// An open RocksDB with our three families. Closes when it goes, unless it has failed: then nothing
/// may be called on it any more, not even that, so it stays in memory until the process ends.
class rocksdb_database {
 public:
  /// Opens for reading and writing, creating what is missing; what is there is a store of
  /// ours (storage/rocksdb/recognize.hpp). Works on this directory, whatever its path leads to
  /// later.
  [[nodiscard]] static result<std::unique_ptr<rocksdb_database>> open(shared_directory directory,
                                                                      const store_options& options);

  /// Opens for reading, changing no file. `torn`: a tail of the WAL that is not to be seen.
  /// `directory`: what `path` leads into, where that is held.
  [[nodiscard]] static result<std::unique_ptr<rocksdb_database>> open_read_only(
      const std::filesystem::path& path, const store_options& options,
      const std::optional<wal_cut>& torn, shared_directory directory = nullptr);

  /// From now on a path of these that leads elsewhere is a failure of the database, and sizes() are
  /// known.
  void watch_paths(std::vector<shared_directory> watched, std::chrono::milliseconds interval);

  rocksdb_database(const rocksdb_database&) = delete;
  rocksdb_database& operator=(const rocksdb_database&) = delete;
  ~rocksdb_database();

  [[nodiscard]] rocksdb::DB& db() const { return *db_; }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* states() const { return families_[0]; }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* events() const { return families_[1]; }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* user_events() const { return families_[2]; }
  [[nodiscard]] bool read_only() const { return read_only_; }
  /// Where it is, for people. A copy of a store in another place has no such name.
  [[nodiscard]] std::filesystem::path path() const;
  /// The files that the database is on, as they are: for what is not the database's.
  [[nodiscard]] rocksdb::Env& plain_env() const { return *plain_env_; }

  /// Notes that the log is durable up to where it is now, all of which was synced: a start that
  /// finds less of it refuses the store. The writer's thread.
  [[nodiscard]] result<void> keep_synced_log() const;

  /// How large its parts are, as they were found when the paths were looked at last. Thread-safe.
  [[nodiscard]] store_sizes sizes() const;

  /// Of the first failed write, sync or background work. Thread-safe.
  [[nodiscard]] failure_latch& failure() const { return *latch_; }

 private:
  rocksdb_database(std::filesystem::path path, const store_options& options, bool read_only);

  void close();
  void measure();

  const std::filesystem::path path_;
  const bool read_only_;
  const std::shared_ptr<rocksdb::FileSystem> files_;
  std::shared_ptr<notice_logger> logger_;
  std::shared_ptr<failure_latch> latch_ = std::make_shared<failure_latch>();
  std::unique_ptr<rocksdb::Env> plain_env_;
  std::shared_ptr<durable_ends_keeper> durable_ends_;
  shared_directory directory_;         ///< what path_ leads into; null: it leads nowhere else
  std::unique_ptr<rocksdb::Env> env_;  ///< outlives db_
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
  mutable std::mutex sizes_mutex_;
  store_sizes sizes_;                  ///< guarded by sizes_mutex_
  std::unique_ptr<path_watch> watch_;  ///< ends first
};

/// The families of the database in a directory; errc::wrong_format, naming it, where one is of
/// another program, or of a later version of this one. Changes nothing.
[[nodiscard]] result<std::vector<std::string>> list_families(const rocksdb::DBOptions& options,
                                                             const std::filesystem::path& path);

}  // namespace factord::storage
