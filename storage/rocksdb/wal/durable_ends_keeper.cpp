#include "storage/rocksdb/wal/durable_ends_keeper.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "storage/rocksdb/failure/status.hpp"
#include "storage/rocksdb/wal/wal_file.hpp"

namespace factord::storage {

durable_ends_keeper::durable_ends_keeper(std::filesystem::path store,
                                         std::shared_ptr<rocksdb::FileSystem> files,
                                         std::shared_ptr<failure_latch> latch)
    : store_(std::move(store)), files_(std::move(files)), latch_(std::move(latch)) {}

result<durable_ends> durable_ends_keeper::reached(rocksdb::DB& db) const {
  durable_ends so_far;
  std::vector<std::string> files;
  // The size that it gives is that of the last sync.
  const auto listed = db.GetLiveFiles(files, &so_far.manifest_bytes, false);
  if (!listed.ok()) return to_error(listed, "listing the files of " + store_.string());
  for (const std::string& file : files) {
    so_far.manifest = std::max(so_far.manifest, manifest_number(file));
  }
  const auto wal = newest_wal(store_);
  if (!wal) return wal.error();
  if (*wal) so_far.wal = (*wal)->number;
  return so_far;
}

result<void> durable_ends_keeper::keep(rocksdb::DB& db) {
  const std::lock_guard lock{mutex_};
  const auto so_far = reached(db);
  if (!so_far) return so_far.error();
  return write_durable_ends(*files_, store_, *so_far);
}

result<void> durable_ends_keeper::keep_synced(rocksdb::DB& db) {
  const std::lock_guard lock{mutex_};
  auto so_far = reached(db);
  if (!so_far) return so_far.error();
  rocksdb::VectorLogPtr logs;
  const auto listed = db.GetSortedWalFiles(logs);
  if (!listed.ok()) return to_error(listed, "listing the logs of " + store_.string());
  if (!logs.empty() && logs.back()->LogNumber() == so_far->wal) {
    so_far->wal_bytes = logs.back()->SizeFileBytes();
  }
  return write_durable_ends(*files_, store_, *so_far);
}

result<void> durable_ends_keeper::keep_closed(durable_ends reached) {
  const std::lock_guard lock{mutex_};
  const auto wal = newest_wal(store_);
  if (!wal) return wal.error();
  if (!*wal || (*wal)->number != reached.wal) return {};
  std::error_code failure;
  // Closing it has cut off the zeros at its end.
  reached.wal_bytes = std::filesystem::file_size((*wal)->file, failure);
  if (failure) return error{errc::io_error, (*wal)->file.string() + ": " + failure.message()};
  return write_durable_ends(*files_, store_, reached);
}

void durable_ends_keeper::OnFlushCompleted(rocksdb::DB* db, const rocksdb::FlushJobInfo&) {
  keep_or_fail(*db);
}

void durable_ends_keeper::OnCompactionCompleted(rocksdb::DB* db,
                                                const rocksdb::CompactionJobInfo&) {
  keep_or_fail(*db);
}

void durable_ends_keeper::keep_or_fail(rocksdb::DB& db) {
  if (latch_->get()) return;
  if (const auto kept = keep(db); !kept) latch_->set_in_background(kept.error());
}

}  // namespace factord::storage
