#include "storage/backup/restore.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <memory>
#include <utility>

#include "storage/base/file_descriptor.hpp"
#include "storage/base/held_directory.hpp"
#include "storage/rocksdb/data_directory.hpp"

namespace factord::storage {

namespace fs = std::filesystem;

namespace {

// Each record is read or written about once: caches gain little, and memory stays small.
constexpr std::size_t cache_bytes = 32U << 20U;
constexpr std::size_t buffer_bytes = 32U << 20U;

store_options lean_options(const restore_request& request) {
  store_options options;
  // Nothing is answered for before all is done: one sync at the end is enough.
  options.mode = durability::process;
  options.write_buffer_bytes = buffer_bytes;
  options.block_cache_bytes = cache_bytes;
  options.table_files = request.table_files / 2;
  options.notice = request.notice;
  return options;
}

/// A data directory in which a store is made beside its place. Removes what it has made, but for
/// the store once that is moved to its place.
class building_site {
 public:
  static result<std::unique_ptr<building_site>> open(const fs::path& dir) {
    const bool made = ::mkdir(dir.c_str(), private_directory) == 0;
    if (!made && errno != EEXIST) return os_error("creating " + dir.string());
    auto lock = directory_lock::take(dir);
    if (!lock) return lock.error();
    const auto fits = check_restorable(lock->directory()->place());
    if (!fits) return with_paths(fits.error());
    std::unique_ptr<building_site> site{new building_site{*std::move(lock), made}};
    site->clear();
    const auto prepared = prepare_directory(site->inner_);
    if (!prepared) return with_paths(prepared.error());
    return site;
  }

  ~building_site() {
    clear();
    std::error_code ignored;
    // By its path, which may lead to somebody else's by now.
    if (made_ && !published_ && directory().check_path()) fs::remove(directory().path(), ignored);
  }

  /// Where the store is made, as in a data directory of its own.
  [[nodiscard]] const fs::path& inner() const noexcept { return inner_; }

  /// Moves the store, which nobody has open, to its place.
  result<void> publish() {
    const fs::path place = directory().place();
    if (::rename(store_path(inner_).c_str(), store_path(place).c_str()) != 0) {
      return os_error("moving the store to " + store_path(directory().path()).string());
    }
    published_ = true;
    if (made_) {
      if (const auto synced = sync_directory(place / ".."); !synced) return synced;
    }
    if (const auto synced = sync_directory(place); !synced) return synced;
    return directory().check_path();
  }

 private:
  building_site(directory_lock lock, bool made)
      : lock_(std::move(lock)), inner_(directory().place() / unfinished_restore), made_(made) {}
  building_site(const building_site&) = delete;
  building_site& operator=(const building_site&) = delete;

  [[nodiscard]] const held_directory& directory() const { return *lock_.directory(); }

  void clear() {
    std::error_code ignored;
    fs::remove_all(inner_, ignored);
  }

  const directory_lock lock_;
  const fs::path inner_;  ///< what lies under the place of DIR, whatever its path leads to by now
  const bool made_;
  bool published_ = false;
};

result<std::uint64_t> choose_last(const restore_request& request, const backup_entry& from) {
  const std::uint64_t last = request.to_sequence.value_or(from.sequence);
  const bool given = request.to_sequence.has_value();
  if (!given || (last >= 1 && last <= from.sequence)) return last;
  return error{errc::bad_argument,
               "backup " + std::to_string(from.id) + " holds the sequences 1 to " +
                   std::to_string(from.sequence) + ", not " + std::to_string(last)};
}

/// Replays the backup into a new store in `dir`, and makes that durable.
result<restore_report> build(const log_source& source, const backup_entry& from,
                             const replay_plan& plan, const fs::path& dir,
                             const restore_request& request, const restore_progress& progress) {
  const auto lock = directory_lock::take(dir);
  if (!lock) return lock.error();
  const auto store = open_store(dir, *lock, lean_options(request));
  if (!store) return store.error();
  auto made = replay(source, plan, **store, [&progress](std::uint64_t done, std::uint64_t total) {
    progress("events", done, total);
  });
  if (!made) return made.error();
  if (const auto synced = (*store)->sync(); !synced) return synced.error();
  progress("compacting", 0, 0);
  if (const auto compacted = (*store)->compact(); !compacted) return compacted.error();
  return restore_report{from, (*store)->store_id(), *made};
}

}  // namespace

result<restore_report> restore(const backup_reader& backups, const restore_request& request,
                               const fs::path& dir, const restore_progress& progress) {
  // 1. From what? Before anything is made.
  const auto from = backups.find(request.backup);
  if (!from) return from.error();
  const auto last = choose_last(request, *from);
  if (!last) return last.error();

  // 2. Into what?
  if (const auto apart = backups.check_apart(dir); !apart) return apart.error();
  const auto site = building_site::open(dir);
  if (!site) return site.error();

  // 3. Is the backup whole? What is damaged outside its log would not be found by replaying that.
  progress("checking", 0, from->bytes);
  if (const auto whole = backups.check_files(from->id); !whole) return whole.error();
  progress("checking", from->bytes, from->bytes);
  const auto source = backups.open_store(*from, lean_options(request));
  if (!source) return source.error();

  // 4. Make the store, and put it in its place.
  const replay_plan plan{.last = *last, .known = from->sequence, .tokens = request.tokens};
  auto report = build(**source, *from, plan, (*site)->inner(), request, progress);
  if (!report) return report.error();
  if (const auto placed = (*site)->publish(); !placed) return with_paths(placed.error());
  return report;
}

}  // namespace factord::storage
