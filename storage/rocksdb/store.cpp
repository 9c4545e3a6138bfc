#include "storage/rocksdb/store.hpp"

#include <rocksdb/file_system.h>

#include <optional>
#include <utility>

#include "storage/base/canary.hpp"
#include "storage/base/check.hpp"
#include "storage/engine/store_id.hpp"
#include "storage/rocksdb/data_directory.hpp"
#include "storage/rocksdb/database.hpp"
#include "storage/rocksdb/engine.hpp"
#include "storage/rocksdb/failure/status.hpp"
#include "storage/rocksdb/features.hpp"
#include "storage/rocksdb/format_upgrade.hpp"
#include "storage/rocksdb/options.hpp"
#include "storage/rocksdb/recognize.hpp"
#include "storage/rocksdb/store_engine.hpp"
#include "storage/rocksdb/store_meta.hpp"
#include "storage/rocksdb/wal/durable_ends.hpp"
#include "storage/rocksdb/wal/wal_file.hpp"

namespace factord::storage {

namespace fs = std::filesystem;

namespace {

result<bool> is_empty(const rocksdb_database& database) {
  for (rocksdb::ColumnFamilyHandle* family :
       {database.states(), database.events(), database.user_events()}) {
    const std::unique_ptr<rocksdb::Iterator> at{
        database.db().NewIterator(range_options(nullptr), family)};
    at->SeekToFirst();
    if (at->Valid()) return false;
    if (!at->status().ok()) return to_error(at->status(), "looking into the store");
  }
  return true;
}

struct identity {
  std::string store_id;
  std::string chain_start;
  layout_of_states states = {};
};

result<identity> make_identity(const rocksdb_database& database, const fs::path& dir) {
  const auto empty = is_empty(database);
  if (!empty) return empty.error();
  if (!*empty) return not_ours(dir);
  if (database.read_only()) {
    return error{errc::store_missing, dir.string() + " holds a store that was never finished"};
  }
  const std::string id = draw_store_id();
  identity made{id, id};
  rocksdb::WriteBatch batch;
  put_meta(database, meta::format, to_text(made.states.layout), batch);
  put_meta(database, meta::store_id, made.store_id, batch);
  if (const auto written = write_synced(database, batch); !written) return written.error();
  // A log that loses this batch later must not make it a new store.
  if (const auto kept = database.keep_synced_log(); !kept) return kept.error();
  return made;
}

/// Which store it is. Made where the store is new: one that a crash left without its first batch
/// is.
result<identity> settle_identity(const rocksdb_database& database, const fs::path& dir) {
  const auto format = read_meta(database, meta::format);
  if (!format) return format.error();
  auto store_id = read_meta(database, meta::store_id);
  if (!store_id) return store_id.error();
  if (!*format) return make_identity(database, dir);
  const auto from = read_meta(database, meta::upgrade_from);
  if (!from) return from.error();
  auto states = judge_layout(dir, **format, *from);
  if (!states) return states.error();
  if (!*store_id) return make_identity(database, dir);
  auto chain_start = read_meta(database, meta::chain_start);
  if (!chain_start) return chain_start.error();
  if (!*chain_start) *chain_start = **store_id;
  return identity{**std::move(store_id), **std::move(chain_start), *std::move(states)};
}

/// The store, open for writing, in the current format.
result<void> bring_up_to_date(const rocksdb_database& database, identity& store,
                              const store_options& options) {
  store_layout& layout = store.states.layout;
  if (layout.format == store_format::current) return {};
  if (const auto done = upgrade_format(database, layout, options.notice); !done) return done;
  layout.format = store_format::current;
  return {};
}

/// Looks at what RocksDB appends to before it does: it would cut where we refuse, and refuse where
/// we cut.
result<std::optional<wal_cut>> look_at_logs(const fs::path& store, const store_options& options) {
  if (planted(canary::skip_tail_check)) return std::optional<wal_cut>{};
  const auto files = options.files ? options.files : rocksdb::FileSystem::Default();
  auto torn = find_torn_tail(*files, store);
  if (!torn) return torn;
  if (const auto whole = check_durable_ends(*files, store); !whole) return whole.error();
  return torn;
}

result<void> note_durability(const rocksdb_database& database, durability mode) {
  const auto last = read_meta(database, meta::durability);
  if (!last) return last.error();
  if (*last == name(mode)) return {};
  rocksdb::WriteBatch batch;
  put_meta(database, meta::durability, name(mode), batch);
  return write_synced(database, batch);
}

/// Who holds the lock has checked its path, but maybe some time ago.
result<void> check_lock(const fs::path& dir, const directory_lock& lock) {
  FACTORD_CHECK(with_paths(dir.string()) == lock.directory()->path());
  return lock.directory()->check_path();
}

}  // namespace

result<std::unique_ptr<engine>> make_engine(std::unique_ptr<rocksdb_database> database,
                                            const fs::path& dir, const store_options& options) {
  auto store = settle_identity(*database, dir);
  if (!store) return store.error();
  if (!database->read_only()) {
    const auto current = bring_up_to_date(*database, *store, options);
    if (!current) return current.error();
    if (const auto noted = note_durability(*database, options.mode); !noted) return noted.error();
  } else if (store->states.half_way) {
    return error{errc::wrong_format, "the store in " + dir.string() + " is half way from format " +
                                         to_text(store->states.layout.format) +
                                         " to a later one: start the server on it once"};
  }
  const auto ignored = describe_ignored(*database);
  if (!ignored) return ignored.error();
  if (*ignored && options.notice) options.notice(**ignored);
  const auto head = read_head(*database, store->chain_start);
  if (!head) return head.error();
  return std::make_unique<rocksdb_engine>(
      std::move(database),
      opened_store{std::move(store->store_id), std::move(store->chain_start), *head,
                   store->states.layout.format},
      options.mode);
}

std::string describe(const wal_cut& cut) {
  return with_paths(std::to_string(cut.size - cut.offset) +
                    " bytes behind the last whole batch, at the end of " + cut.file.string() +
                    ": of one that was never answered, unless the file was damaged");
}

namespace {

/// DIR/store, for this process alone: another DIR may lead to it too.
result<shared_directory> lock_store(const fs::path& place) {
  auto held = held_directory::open(store_path(place));
  if (!held) return held.error();
  if (const auto locked = (*held)->lock(); !locked) return locked.error();
  return held;
}

/// DIR/store to be written, made where there is none.
result<shared_directory> hold_store(const fs::path& dir, const directory_lock& lock) {
  if (const auto same = check_lock(dir, lock); !same) return same.error();
  const fs::path place = lock.directory()->place();
  const auto held = holds_store(place);
  if (!held) return held.error();
  if (const auto made = make_store_directory(place); !made) return made.error();
  auto files = lock_store(place);
  if (!files) return files.error();
  if (const auto owned = (*files)->check_owner(); !owned) return owned.error();
  return files;
}

result<std::unique_ptr<engine>> open_held(const fs::path& dir, const directory_lock& lock,
                                          const shared_directory& files,
                                          const store_options& options) {
  const fs::path store = files->place();
  const auto torn = look_at_logs(store, options);
  if (!torn) return torn.error();
  if (const auto ours = recognize_store(dir, store, options, *torn); !ours) return ours.error();
  if (*torn) {
    if (const auto cut = cut_torn_tail(**torn); !cut) return cut.error();
    if (options.notice) options.notice("cut " + describe(**torn));
  }
  auto database = rocksdb_database::open(files, options);
  if (!database) return database.error();
  (*database)->watch_paths({lock.directory(), files}, options.path_interval);
  return make_engine(*std::move(database), dir, options);
}

/// DIR/store to be read.
result<shared_directory> hold_store_read_only(const fs::path& dir, const directory_lock& lock) {
  if (const auto same = check_lock(dir, lock); !same) return same.error();
  const fs::path place = lock.directory()->place();
  const auto held = holds_store(place);
  if (!held) return held.error();
  if (!*held) return error{errc::store_missing, dir.string() + " holds no store"};
  return lock_store(place);
}

result<std::unique_ptr<log_source>> open_held_read_only(const fs::path& dir,
                                                        const shared_directory& files,
                                                        const store_options& options) {
  const fs::path store = files->place();
  const auto torn = look_at_logs(store, options);
  if (!torn) return torn.error();
  if (*torn && options.notice) options.notice("left out " + describe(**torn));
  auto database = rocksdb_database::open_read_only(store, options, *torn, files);
  if (!database) return database.error();
  auto opened = make_engine(*std::move(database), dir, options);
  if (!opened) return opened.error();
  return std::unique_ptr<log_source>{*std::move(opened)};
}

}  // namespace

result<std::unique_ptr<engine>> open_store(const fs::path& dir, const directory_lock& lock,
                                           const store_options& options) {
  const auto files = with_paths(hold_store(dir, lock));
  if (!files) return files.error();
  return with_paths(open_held(dir, lock, *files, options));
}

result<std::unique_ptr<log_source>> open_store_read_only(const fs::path& dir,
                                                         const directory_lock& lock,
                                                         const store_options& options) {
  const auto files = with_paths(hold_store_read_only(dir, lock));
  if (!files) return files.error();
  return with_paths(open_held_read_only(dir, *files, options));
}

}  // namespace factord::storage
