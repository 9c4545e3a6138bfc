#pragma once

#include <filesystem>
#include <string_view>
#include <utility>

#include "storage/base/error.hpp"
#include "storage/base/held_directory.hpp"

namespace factord::storage {

/// The lock of a data directory, held while this lives (flock on the directory itself, so that no
/// file is added to it, and before anything in it is read or changed).
class directory_lock {
 public:
  /// errc::store_locked where another process holds it, errc::io_error where DIR cannot be opened.
  [[nodiscard]] static result<directory_lock> take(const std::filesystem::path& dir);
  directory_lock(directory_lock&& other) noexcept = default;
  directory_lock& operator=(directory_lock&& other) noexcept = default;

  /// What is locked: whatever is done in DIR goes through this. Not null.
  [[nodiscard]] const shared_directory& directory() const noexcept { return directory_; }
  /// Its descriptor.
  [[nodiscard]] int fd() const noexcept { return directory_->fd(); }

 private:
  explicit directory_lock(shared_directory directory) noexcept : directory_(std::move(directory)) {}
  shared_directory directory_;
};

/// Makes DIR (0700) if it is missing. A DIR that is not empty and holds no store is refused with
/// errc::not_a_store; nothing in it is changed. Needed before directory_lock::take for a new store.
[[nodiscard]] result<void> prepare_directory(const std::filesystem::path& dir);

/// Where RocksDB lives in a data directory.
[[nodiscard]] std::filesystem::path store_path(const std::filesystem::path& dir);

/// Where a store is restored, in a data directory, before it is moved to its place.
inline constexpr std::string_view unfinished_restore = "restore.unfinished";

/// Whether DIR holds a store. Where it holds none, it must be free for one: errc::not_a_store where
/// there is anything that neither a stopped server (its socket) nor a crash while a store was being
/// created (the first files of RocksDB) has left.
[[nodiscard]] result<bool> holds_store(const std::filesystem::path& dir);

/// Makes DIR/store (0700) if it is missing, durably.
[[nodiscard]] result<void> make_store_directory(const std::filesystem::path& dir);

/// Whether a store may be restored into DIR, which exists: errc::already_exists where it holds one,
/// errc::not_a_store where it holds anything but what a stopped server or a restore left there.
[[nodiscard]] result<void> check_restorable(const std::filesystem::path& dir);

/// Makes what was created, renamed or removed in a directory durable.
[[nodiscard]] result<void> sync_directory(const std::filesystem::path& dir);

}  // namespace factord::storage
