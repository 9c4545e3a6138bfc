#include "storage/rocksdb/backup_directory.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <string_view>

#include "storage/base/file_descriptor.hpp"
#include "storage/base/held_directory.hpp"
#include "storage/rocksdb/data_directory.hpp"

namespace factord::storage {

namespace fs = std::filesystem;

namespace {

/// The folders of BackupEngine: a file for each backup, files of one backup, files of several.
constexpr std::array<std::string_view, 3> folders{"meta", "private", "shared_checksum"};

/// True where `inner` is `outer` or lies in it. Both are absolute and without links.
bool is_within(const fs::path& inner, const fs::path& outer) {
  return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first == outer.end();
}

/// Is it empty, or has it nothing but the folders of backups?
result<void> check_contents(const fs::path& dir) {
  std::error_code failure;
  for (fs::directory_iterator at{dir, failure}, end; !failure && at != end; at.increment(failure)) {
    const std::string name = at->path().filename().string();
    const bool known = std::find(folders.begin(), folders.end(), name) != folders.end();
    if (known && fs::is_directory(at->symlink_status(failure))) continue;
    if (failure) break;
    return error{errc::not_a_store,
                 dir.string() + " holds something else than backups (found " + name + ")"};
  }
  if (failure) return file_error("listing " + dir.string(), failure);
  return {};
}

// Absolute and without links, as far as it is there. weakly_canonical() alone leaves a relative
// path that is not there as it is.
result<fs::path> resolve(const fs::path& path) {
  std::error_code failure;
  fs::path whole = fs::absolute(path, failure);
  if (!failure) whole = fs::weakly_canonical(whole, failure);
  if (failure) return file_error("finding " + path.string(), failure);
  return whole;
}

}  // namespace

result<backup_directory> backup_directory::lock(const fs::path& path) {
  auto held = directory_lock::take(path);
  if (!held) return held.error();
  backup_directory locked{*std::move(held)};
  if (const auto checked = check_contents(locked.place()); !checked) {
    return with_paths(checked.error());
  }
  return locked;
}

// `wanted` is resolved.
result<void> backup_directory::check_apart(const fs::path& wanted, const fs::path& data_dir) {
  const auto data = resolve(data_dir);
  if (!data) return data.error();
  if (is_within(wanted, *data) || is_within(*data, wanted)) {
    return error{errc::bad_argument, wanted.string() + " and the data directory " + data->string() +
                                         " lie in each other: choose another place"};
  }
  return {};
}

result<backup_directory> backup_directory::make(const fs::path& path, const fs::path& data_dir) {
  const auto wanted = resolve(path);
  if (!wanted) return wanted.error();
  if (const auto apart = check_apart(*wanted, data_dir); !apart) return apart.error();
  if (::mkdir(wanted->c_str(), private_directory) == 0) {
    if (const auto synced = sync_directory(wanted->parent_path()); !synced) return synced.error();
  } else if (errno != EEXIST) {
    return os_error("creating " + wanted->string());
  }
  return lock(*wanted);
}

result<backup_directory> backup_directory::find(const fs::path& path) {
  std::error_code failure;
  const fs::path wanted = fs::canonical(path, failure);
  if (failure) return error{errc::store_missing, path.string() + ": " + failure.message()};
  auto found = lock(wanted);
  if (!found) return found;
  if (!fs::is_directory(found->place() / folders.front(), failure)) {
    return error{errc::store_missing, wanted.string() + " holds no backups"};
  }
  return found;
}

}  // namespace factord::storage
