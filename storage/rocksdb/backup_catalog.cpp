#include "storage/rocksdb/backup_catalog.hpp"

#include <algorithm>

#include "storage/base/check.hpp"
#include "storage/model/records.pb.h"

namespace factord::storage {

namespace {

/// Of backup_label.
constexpr std::uint32_t label_format = 1;

}  // namespace

rocksdb::BackupEngineOptions backup_options(const std::filesystem::path& directory) {
  rocksdb::BackupEngineOptions options{directory.string()};
  // Files by name, number and session of the database that wrote them: an unchanged one is there
  // already, and is not read to find that out.
  options.share_table_files = true;
  options.share_files_with_checksum = true;
  // A backup that is said to be made is on the disk.
  options.sync = true;
  // A copy shares the disk and the cores with requests: one thread of it is enough.
  options.max_background_operations = 1;
  options.callback_trigger_interval_size = 1U << 20U;
  return options;
}

std::string make_label(std::string_view store_id, const log_head& head) {
  backup_label label;
  label.set_format(label_format);
  label.set_store_id(std::string{store_id});
  label.set_sequence(head.sequence);
  label.mutable_hash()->assign(as_bytes(head.hash));
  label.set_created_at(to_micros(head.created_at));
  std::string bytes;
  FACTORD_CHECK(label.SerializeToString(&bytes));
  return bytes;
}

backup_entry to_entry(const rocksdb::BackupInfo& info) {
  backup_entry entry{.id = info.backup_id,
                     .damaged = true,
                     .taken_at = timestamp{std::chrono::seconds{info.timestamp}},
                     .bytes = info.size,
                     .store_id = {}};
  backup_label label;
  if (!label.ParseFromString(info.app_metadata) || label.format() != label_format ||
      label.hash().size() != entry.hash.size()) {
    return entry;
  }
  entry.damaged = false;
  entry.store_id = label.store_id();
  entry.sequence = label.sequence();
  std::copy(label.hash().begin(), label.hash().end(), entry.hash.begin());
  return entry;
}

std::vector<backup_entry> list_entries(const rocksdb::BackupEngineReadOnlyBase& backups) {
  std::vector<rocksdb::BackupInfo> whole;
  backups.GetBackupInfo(&whole);
  std::vector<rocksdb::BackupID> damaged;
  backups.GetCorruptedBackups(&damaged);

  std::vector<backup_entry> entries;
  for (const rocksdb::BackupInfo& info : whole) entries.push_back(to_entry(info));
  for (const rocksdb::BackupID id : damaged) {
    entries.push_back({.id = id, .damaged = true, .store_id = {}});
  }
  std::sort(entries.begin(), entries.end(),
            [](const backup_entry& a, const backup_entry& b) { return a.id < b.id; });
  return entries;
}

}  // namespace factord::storage
