#include "storage/backup/backup_reader.hpp"

#include <rocksdb/utilities/backup_engine.h>

#include <algorithm>
#include <string>
#include <utility>

#include "storage/engine/wait_for.hpp"
#include "storage/model/event_value.hpp"
#include "storage/rocksdb/backup_catalog.hpp"
#include "storage/rocksdb/backup_directory.hpp"
#include "storage/rocksdb/database.hpp"
#include "storage/rocksdb/failure/status.hpp"
#include "storage/rocksdb/store_engine.hpp"
#include "storage/rocksdb/wal/wal_file.hpp"

namespace factord::storage {

namespace {

std::string name_of(std::uint32_t id) { return "backup " + std::to_string(id); }

/// It is the store that is noted, and its log reaches the event that was its head, by number and by
/// hash.
result<void> check_label(const log_source& store, const backup_entry& entry) {
  if (store.store_id() != entry.store_id) {
    return error{errc::corruption, name_of(entry.id) + " is of store " + store.store_id() +
                                       ", not of the one noted, " + entry.store_id};
  }
  if (entry.sequence == 0) return {};
  const auto read = wait_for<events_answer>(
      [&](auto done) { store.read_events(entry.sequence - 1, 1, std::move(done)); });
  if (!read) return read.error();
  const std::string event = "event " + std::to_string(entry.sequence);
  if (read->events.empty()) {
    return error{errc::corruption,
                 name_of(entry.id) + " ends before " + event + ", which it is to hold"};
  }
  const auto value = split_event_value(entry.sequence, read->events.front().value);
  if (!value) return value.error();
  if (value->hash == entry.hash) return {};
  return error{errc::corruption, event + " of " + name_of(entry.id) + " is not the one noted"};
}

}  // namespace

backup_reader::backup_reader(backup_directory directory,
                             std::unique_ptr<rocksdb::BackupEngineReadOnly> backups)
    : directory_(std::move(directory)), backups_(std::move(backups)) {}
backup_reader::backup_reader(backup_reader&& other) noexcept = default;
backup_reader::~backup_reader() = default;

result<backup_reader> backup_reader::open(const std::filesystem::path& directory) {
  auto held = backup_directory::find(directory);
  if (!held) return held.error();
  rocksdb::BackupEngineReadOnly* opened = nullptr;
  const auto status = rocksdb::BackupEngineReadOnly::Open(backup_options(held->place()),
                                                          rocksdb::Env::Default(), &opened);
  if (!status.ok()) return to_error(status, "opening the backups in " + held->path().string());
  return backup_reader{*std::move(held), std::unique_ptr<rocksdb::BackupEngineReadOnly>{opened}};
}

std::vector<backup_entry> backup_reader::list() const { return list_entries(*backups_); }

result<backup_entry> backup_reader::find(std::optional<std::uint32_t> id) const {
  const auto entries = list();
  const auto found = !id && !entries.empty()
                         ? std::prev(entries.end())
                         : std::find_if(entries.begin(), entries.end(),
                                        [&id](const backup_entry& one) { return one.id == id; });
  const std::string place = " in " + directory_.path().string();
  if (found == entries.end()) {
    return error{errc::bad_argument, "there is no " + (id ? name_of(*id) : "backup") + place};
  }
  if (!found->damaged) return *found;
  return error{errc::corruption, name_of(found->id) + place +
                                     " is damaged: its list of files, or the size of one of them"};
}

result<void> backup_reader::check_files(std::uint32_t id) const {
  const auto checked = backups_->VerifyBackup(id, true);
  if (!checked.ok()) return to_error(checked, "checking the files of " + name_of(id));
  return {};
}

result<std::unique_ptr<log_source>> backup_reader::open_store(const backup_entry& entry,
                                                              const store_options& options) const {
  return with_paths(open_files(entry, options));
}

result<std::unique_ptr<log_source>> backup_reader::open_files(const backup_entry& entry,
                                                              const store_options& options) const {
  rocksdb::BackupInfo info;
  const auto found = backups_->GetBackupInfo(entry.id, &info, true);
  if (!found.ok()) return to_error(found, "opening " + name_of(entry.id));
  const std::filesystem::path place{info.name_for_open};

  // The copy of the log may end inside a batch, which was not answered when the backup began.
  const auto torn = find_torn_tail(*rocksdb::FileSystem::Default(), place);
  if (!torn) return torn.error();
  store_options remapped = options;
  remapped.files = info.env_for_open->GetFileSystem();
  auto database = rocksdb_database::open_read_only(place, remapped, *torn);
  if (!database) return database.error();
  auto store = make_engine(*std::move(database), place, options);
  if (!store) return store.error();
  if (const auto whole = check_label(**store, entry); !whole) return whole.error();
  return std::unique_ptr<log_source>{*std::move(store)};
}

}  // namespace factord::storage
