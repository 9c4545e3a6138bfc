#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "storage/base/error.hpp"
#include "storage/engine/backup_source.hpp"
#include "storage/engine/log_source.hpp"
#include "storage/rocksdb/backup_directory.hpp"
#include "storage/rocksdb/store.hpp"

namespace rocksdb {
class BackupEngineReadOnly;
}

namespace factord::storage {

/// The backups of a directory, to be read. Nobody adds one while this lives.
class backup_reader {
 public:
  /// errc::store_missing where there are none, errc::store_locked while one is being made,
  /// errc::not_a_store where the directory holds something else.
  [[nodiscard]] static result<backup_reader> open(const std::filesystem::path& directory);
  backup_reader(backup_reader&& other) noexcept;
  ~backup_reader();

  /// As backup_directory::check_apart.
  [[nodiscard]] result<void> check_apart(const std::filesystem::path& data_dir) const {
    return directory_.check_apart(data_dir);
  }

  /// In the order of their ids; damaged ones too.
  [[nodiscard]] std::vector<backup_entry> list() const;

  /// The backup with this id, without one the newest. errc::bad_argument where there is no such,
  /// errc::corruption where it is damaged: which other one to take is not ours to choose.
  [[nodiscard]] result<backup_entry> find(std::optional<std::uint32_t> id) const;

  /// Reads every file of a backup and compares it with its checksum; errc::corruption names the
  /// first that differs.
  [[nodiscard]] result<void> check_files(std::uint32_t id) const;

  /// The store in a backup, readers only, where it lies. It may hold events behind those that the
  /// backup promises; fails with errc::corruption where it holds fewer, or others. The reader must
  /// outlive it.
  [[nodiscard]] result<std::unique_ptr<log_source>> open_store(const backup_entry& entry,
                                                               const store_options& options) const;

 private:
  backup_reader(backup_directory directory, std::unique_ptr<rocksdb::BackupEngineReadOnly> backups);
  [[nodiscard]] result<std::unique_ptr<log_source>> open_files(const backup_entry& entry,
                                                               const store_options& options) const;

  backup_directory directory_;
  std::unique_ptr<rocksdb::BackupEngineReadOnly> backups_;
};

}  // namespace factord::storage
