#pragma once

#include <filesystem>
#include <utility>

#include "storage/base/error.hpp"
#include "storage/rocksdb/data_directory.hpp"

namespace factord::storage {

/// A directory of backups, ours alone while this lives: whoever else wants it is refused with
/// errc::store_locked. Its layout is that of RocksDB's BackupEngine.
class backup_directory {
 public:
  /// One to put a backup in. Makes it (0700, not its parents) where it is missing. Refuses with
  /// errc::not_a_store one that holds anything but backups, and as check_apart one that is not.
  [[nodiscard]] static result<backup_directory> make(const std::filesystem::path& path,
                                                     const std::filesystem::path& data_dir);

  /// One that is there, to read from. errc::store_missing where it is not or holds no backups.
  [[nodiscard]] static result<backup_directory> find(const std::filesystem::path& path);

  /// Absolute, without symbolic links. For people.
  [[nodiscard]] const std::filesystem::path& path() const noexcept {
    return lock_.directory()->path();
  }
  /// For reading and writing, whatever the path leads to by now.
  [[nodiscard]] std::filesystem::path place() const { return lock_.directory()->place(); }
  /// errc::bad_argument where a data directory, which may not be there yet, is this one, inside of
  /// it, or has it inside: what happens to one should not happen to the other.
  [[nodiscard]] result<void> check_apart(const std::filesystem::path& data_dir) const {
    return check_apart(path(), data_dir);
  }
  /// As held_directory::check_path.
  [[nodiscard]] result<void> check_path() const { return lock_.directory()->check_path(); }

 private:
  explicit backup_directory(directory_lock lock) : lock_(std::move(lock)) {}
  [[nodiscard]] static result<void> check_apart(const std::filesystem::path& wanted,
                                                const std::filesystem::path& data_dir);
  [[nodiscard]] static result<backup_directory> lock(const std::filesystem::path& path);

  directory_lock lock_;
};

}  // namespace factord::storage
