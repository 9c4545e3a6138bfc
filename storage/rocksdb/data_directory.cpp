#include "storage/rocksdb/data_directory.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "storage/base/file_descriptor.hpp"

namespace factord::storage {

namespace fs = std::filesystem;

namespace {

/// True for what RocksDB writes before CURRENT, the file that makes a directory a database.
bool is_first_file(const fs::path& file) {
  const std::string name = file.filename().string();
  return name == "LOCK" || name == "IDENTITY" || name.starts_with("MANIFEST-") ||
         name.ends_with(".dbtmp");
}

result<void> check_unfinished(const fs::path& store) {
  std::error_code failure;
  for (fs::directory_iterator at{store, failure}, end; !failure && at != end;
       at.increment(failure)) {
    if (is_first_file(at->path())) continue;
    return error{errc::not_a_store, store.string() + " holds " + at->path().filename().string() +
                                        " but no CURRENT: not a store of ours, or a damaged one"};
  }
  if (failure) return file_error("listing " + store.string(), failure);
  return {};
}

enum class unfinished { refused, allowed };

/// DIR without a store: is it ours to put one in?
result<void> check_free(const fs::path& dir, unfinished restore) {
  std::error_code failure;
  for (fs::directory_iterator at{dir, failure}, end; !failure && at != end; at.increment(failure)) {
    const std::string name = at->path().filename().string();
    const fs::file_status status = at->symlink_status(failure);
    if (failure) break;
    if (name == "admin.sock" && fs::is_socket(status)) continue;
    if (name == "store" && fs::is_directory(status)) {
      if (auto unfinished = check_unfinished(at->path()); !unfinished) return unfinished;
      continue;
    }
    if (name == unfinished_restore && fs::is_directory(status)) {
      if (restore == unfinished::allowed) continue;
      return error{errc::not_a_store, dir.string() +
                                          " holds a restore that was not finished: run "
                                          "it again, or remove " +
                                          at->path().string()};
    }
    return error{errc::not_a_store,
                 dir.string() + " is not empty and holds no store (found " + name + ")"};
  }
  if (failure) return file_error("listing " + dir.string(), failure);
  return {};
}

}  // namespace

fs::path store_path(const fs::path& dir) { return dir / "store"; }

result<bool> holds_store(const fs::path& dir) {
  std::error_code failure;
  if (fs::exists(store_path(dir) / "CURRENT", failure)) return true;
  if (failure) return file_error("looking into " + dir.string(), failure);
  if (const auto is_free = check_free(dir, unfinished::refused); !is_free) return is_free.error();
  return false;
}

result<void> make_store_directory(const fs::path& dir) {
  const fs::path store = store_path(dir);
  if (::mkdir(store.c_str(), private_directory) != 0) {
    if (errno == EEXIST) return {};
    return os_error("creating " + store.string());
  }
  return sync_directory(dir);
}

result<void> sync_directory(const fs::path& dir) {
  const file_descriptor fd{::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!fd.ok() || ::fsync(fd.get()) != 0) return os_error("syncing " + dir.string());
  return {};
}

result<void> check_restorable(const fs::path& dir) {
  std::error_code failure;
  if (fs::exists(store_path(dir), failure)) {
    return error{errc::already_exists,
                 dir.string() + " holds a store: a restore needs an empty or missing directory"};
  }
  if (failure) return file_error("looking into " + dir.string(), failure);
  return check_free(dir, unfinished::allowed);
}

result<void> prepare_directory(const fs::path& dir) {
  if (::mkdir(dir.c_str(), private_directory) == 0) return {};
  if (errno != EEXIST) return os_error("creating " + dir.string());
  std::error_code failure;
  if (!fs::is_directory(dir, failure)) {
    return error{errc::not_a_store, dir.string() + " is not a directory"};
  }
  if (const auto held = holds_store(dir); !held) return held.error();
  return {};
}

result<directory_lock> directory_lock::take(const fs::path& dir) {
  auto held = held_directory::open(dir);
  if (!held) return held.error();
  if (const auto locked = (*held)->lock(); !locked) return locked.error();
  // Who held the lock a moment ago may have moved the directory away.
  if (const auto leads = (*held)->check_path(); !leads) return leads.error();
  return directory_lock{*std::move(held)};
}

}  // namespace factord::storage
