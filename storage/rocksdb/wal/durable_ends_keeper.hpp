#pragma once

#include <rocksdb/db.h>
#include <rocksdb/file_system.h>
#include <rocksdb/listener.h>

#include <filesystem>
#include <memory>
#include <mutex>

#include "storage/base/error.hpp"
#include "storage/rocksdb/failure/failure_latch.hpp"
#include "storage/rocksdb/wal/durable_ends.hpp"

namespace factord::storage {

/// Keeps the durable_ends of a database up to date: when it was opened, when it is closed, and
/// whenever it has written tables, before it deletes the logs and tables in whose place they are.
/// So a manifest that was cut where that loses something is always found out.
class durable_ends_keeper final : public rocksdb::EventListener {
 public:
  durable_ends_keeper(std::filesystem::path store, std::shared_ptr<rocksdb::FileSystem> files,
                      std::shared_ptr<failure_latch> latch);

  /// How far the files are durable; of the newest WAL, only that it is there.
  [[nodiscard]] result<durable_ends> reached(rocksdb::DB& db) const;

  /// Keeps that.
  [[nodiscard]] result<void> keep(rocksdb::DB& db);

  /// The same, and how long the newest WAL is: all of it was synced, and nobody is writing.
  [[nodiscard]] result<void> keep_synced(rocksdb::DB& db);

  /// The same, once closed: then the WAL is durable to its end.
  [[nodiscard]] result<void> keep_closed(durable_ends reached);

  void OnFlushCompleted(rocksdb::DB* db, const rocksdb::FlushJobInfo& info) override;
  void OnCompactionCompleted(rocksdb::DB* db, const rocksdb::CompactionJobInfo& info) override;

 private:
  void keep_or_fail(rocksdb::DB& db);

  const std::filesystem::path store_;
  const std::shared_ptr<rocksdb::FileSystem> files_;
  const std::shared_ptr<failure_latch> latch_;
  std::mutex mutex_;  ///< what is kept never goes back
};

}  // namespace factord::storage
