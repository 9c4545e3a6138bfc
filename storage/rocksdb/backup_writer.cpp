#include "storage/rocksdb/backup_writer.hpp"

#include <rocksdb/utilities/backup_engine.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "storage/rocksdb/backup_catalog.hpp"
#include "storage/rocksdb/failure/status.hpp"

namespace factord::storage {

namespace {

constexpr std::string_view making = "making a backup";

result<std::unique_ptr<rocksdb::BackupEngine>> open_engine(const rocksdb_database& database,
                                                           const std::filesystem::path& directory) {
  auto options = backup_options(directory);
  // Not the database's own environment, which writes ahead in whatever is called a log.
  options.backup_env = &database.plain_env();
  rocksdb::BackupEngine* opened = nullptr;
  const auto status = rocksdb::BackupEngine::Open(options, database.db().GetEnv(), &opened);
  if (!status.ok()) return to_error(status, "opening the backups in " + directory.string());
  return std::unique_ptr<rocksdb::BackupEngine>{opened};
}

/// One directory, one store: whoever restores the newest backup must not get another one's. And no
/// more beside a damaged one: a new backup would share files that may be damaged too, and cleaning
/// up would remove those that only the damaged one has.
result<void> check_store(const rocksdb::BackupEngine& backups, std::string_view store_id,
                         const std::filesystem::path& directory) {
  for (const backup_entry& entry : list_entries(backups)) {
    if (entry.damaged) {
      return error{errc::corruption, "backup " + std::to_string(entry.id) + " in " +
                                         directory.string() +
                                         " is damaged: choose another directory"};
    }
    if (entry.store_id == store_id) continue;
    return error{errc::bad_argument, directory.string() + " holds backups of another store, " +
                                         entry.store_id + ": choose another directory"};
  }
  return {};
}

/// The number of a table file that backups share: shared_checksum/<number>_<session>_<size>.sst
std::optional<std::uint64_t> table_number(const rocksdb::BackupFileInfo& file) {
  const std::filesystem::path path{file.relative_filename};
  const std::string name = path.filename().string();
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(name.data(), name.data() + name.size(), number);
  if (path.extension() != ".sst" || parsed.ec != std::errc{}) return std::nullopt;
  return number;
}

/// The bytes of those table files that no backup holds yet. The rest, at most a log, is not worth
/// the look: a file that goes in between makes this wrong by its size as well.
std::uint64_t bytes_to_copy(const rocksdb_database& database,
                            const rocksdb::BackupEngine& backups) {
  std::set<std::uint64_t> held;
  std::vector<rocksdb::BackupInfo> infos;
  backups.GetBackupInfo(&infos, true);
  for (const rocksdb::BackupInfo& info : infos) {
    for (const rocksdb::BackupFileInfo& file : info.file_details) {
      if (const auto number = table_number(file)) held.insert(*number);
    }
  }
  std::vector<rocksdb::LiveFileMetaData> live;
  database.db().GetLiveFilesMetaData(&live);
  std::uint64_t bytes = 0;
  for (const rocksdb::LiveFileMetaData& file : live) {
    if (!held.contains(file.file_number)) bytes += file.size;
  }
  return bytes;
}

}  // namespace

result<backup_entry> write_backup(const rocksdb_database& database, std::string_view store_id,
                                  const log_head& head, const std::filesystem::path& directory,
                                  const backup_progress& progress) {
  const auto opened = open_engine(database, directory);
  if (!opened) return opened.error();
  rocksdb::BackupEngine& backups = **opened;
  if (const auto ours = check_store(backups, store_id, directory); !ours) return ours.error();

  const std::uint64_t step = backup_options(directory).callback_trigger_interval_size;
  std::uint64_t copied = 0;
  const std::uint64_t total = bytes_to_copy(database, backups);
  bool stopped = !progress(copied, total);
  rocksdb::CreateBackupOptions options;
  options.progress_callback = [&] {
    copied += step;
    if (stopped || progress(copied, std::max(copied, total))) return;
    stopped = true;
    backups.StopBackup();
  };
  if (stopped) backups.StopBackup();

  rocksdb::BackupID id = 0;
  const auto made =
      backups.CreateNewBackupWithMetadata(options, &database.db(), make_label(store_id, head), &id);
  if (!made.ok()) {
    if (stopped) return error{errc::unavailable, "the backup was ended before it was made"};
    return to_error(made, making);
  }
  rocksdb::BackupInfo info;
  const auto found = backups.GetBackupInfo(id, &info);
  if (!found.ok()) return to_error(found, making);
  return to_entry(info);
}

}  // namespace factord::storage
