#include "storage/rocksdb/recognize.hpp"

#include <rocksdb/db.h>
#include <rocksdb/wal_filter.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "storage/model/keys.hpp"
#include "storage/rocksdb/database.hpp"
#include "storage/rocksdb/failure/failure_latch.hpp"
#include "storage/rocksdb/failure/status.hpp"
#include "storage/rocksdb/features.hpp"
#include "storage/rocksdb/logger.hpp"
#include "storage/rocksdb/means.hpp"
#include "storage/rocksdb/options.hpp"
#include "storage/rocksdb/store_meta.hpp"
#include "storage/rocksdb/wal/truncated_file_system.hpp"

namespace factord::storage {

namespace fs = std::filesystem;

namespace {

// Few look-ups are made; the open that follows wants the descriptors and the memory.
// (RocksDB has no less.)
constexpr int open_files = 20;

std::string key_of(std::string_view name) {
  std::string key;
  set_meta_key(key, name);
  return key;
}

/// Of the batches in the logs, lets through those that may speak of the format, and notes whether
/// there are others.
class format_filter final : public rocksdb::WalFilter {
 public:
  WalProcessingOption LogRecordFound(unsigned long long /*log*/, const std::string& /*its file*/,
                                     const rocksdb::WriteBatch& batch,
                                     rocksdb::WriteBatch* /*other*/, bool* /*is other*/) override {
    if (batch.Data().find(format_) != std::string::npos ||
        batch.Data().find(upgrade_from_) != std::string::npos) {
      return WalProcessingOption::kContinueProcessing;
    }
    others_ = others_ || batch.Count() > 0;
    return WalProcessingOption::kIgnoreCurrentRecord;
  }
  const char* Name() const override { return "factord.format_filter"; }

  [[nodiscard]] bool others() const noexcept { return others_; }

 private:
  const std::string format_ = key_of(meta::format);
  const std::string upgrade_from_ = key_of(meta::upgrade_from);
  bool others_ = false;
};

/// The database, open for a look.
class glimpse {
 public:
  ~glimpse() {
    for (rocksdb::ColumnFamilyHandle* family : families_) {
      (void)db_->DestroyColumnFamilyHandle(family);
    }
  }
  glimpse() = default;
  glimpse(const glimpse&) = delete;
  glimpse& operator=(const glimpse&) = delete;

  result<void> open(const fs::path& store, const store_options& options,
                    const std::optional<wal_cut>& torn) {
    if (const auto secured = secure_means(options); !secured) return secured.error();
    auto files = options.files ? options.files : rocksdb::FileSystem::Default();
    if (torn) files = truncated_file_system(std::move(files), *torn);
    env_ = rocksdb::NewCompositeEnv(files);
    // What it would warn of, the open that follows warns of.
    auto database = database_options(options, std::make_shared<notice_logger>(nullptr),
                                     std::make_shared<failure_latch>());
    database.env = env_.get();
    database.create_if_missing = false;
    database.create_missing_column_families = false;
    database.wal_filter = &filter_;
    database.max_open_files = open_files;
    database.skip_stats_update_on_db_open = true;

    const auto found = list_families(database, store);
    if (!found) return found.error();
    auto families = family_options(options);
    std::erase_if(families, [&found](const rocksdb::ColumnFamilyDescriptor& one) {
      return std::ranges::find(*found, one.name) == found->end();
    });
    rocksdb::DB* opened = nullptr;
    const auto status =
        rocksdb::DB::OpenForReadOnly(database, store.string(), families, &families_, &opened);
    if (!status.ok()) return to_error(status, "opening the store in " + store.string());
    db_.reset(opened);
    return {};
  }

  /// What is kept under a key of kind meta.
  result<std::optional<std::string>> read(std::string_view name) {
    std::string value;
    const auto found = db_->Get(rocksdb::ReadOptions{}, key_of(name), &value);
    if (found.IsNotFound()) return std::nullopt;
    if (!found.ok()) return to_error(found, "reading the format of the store in " + db_->GetName());
    return value;
  }

  /// Says nothing of what the filter let through.
  result<bool> is_empty() {
    if (filter_.others()) return false;
    for (rocksdb::ColumnFamilyHandle* family : families_) {
      const std::unique_ptr<rocksdb::Iterator> at{db_->NewIterator(range_options(nullptr), family)};
      at->SeekToFirst();
      if (at->Valid()) return false;
      if (!at->status().ok())
        return to_error(at->status(), "looking into the store in " + db_->GetName());
    }
    return true;
  }

 private:
  format_filter filter_;
  std::unique_ptr<rocksdb::Env> env_;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
};

}  // namespace

result<void> recognize_store(const fs::path& dir, const fs::path& store,
                             const store_options& options, const std::optional<wal_cut>& torn) {
  if (!fs::exists(store / "CURRENT")) return {};
  glimpse database;
  if (const auto opened = database.open(store, options, torn); !opened) return opened;
  const auto format = database.read(meta::format);
  if (!format) return format.error();
  if (*format) {
    const auto from = database.read(meta::upgrade_from);
    if (!from) return from.error();
    const auto known = judge_layout(dir, **format, *from);
    return known ? result<void>{} : known.error();
  }
  const auto empty = database.is_empty();
  if (!empty) return empty.error();
  return *empty ? result<void>{} : not_ours(dir);
}

}  // namespace factord::storage
