#include "storage/rocksdb/database.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

#include "storage/rocksdb/failure/status.hpp"
#include "storage/rocksdb/means.hpp"
#include "storage/rocksdb/options.hpp"
#include "storage/rocksdb/wal/prewritten_wal.hpp"
#include "storage/rocksdb/wal/truncated_file_system.hpp"

namespace factord::storage {

namespace {

/// Where failed databases stay. Never destroyed, so that nothing runs on them at exit either.
void keep_until_exit(shared_directory directory, std::unique_ptr<rocksdb::Env> env,
                     std::unique_ptr<rocksdb::DB> db,
                     std::vector<rocksdb::ColumnFamilyHandle*> families) {
  struct abandoned {
    shared_directory directory;
    std::unique_ptr<rocksdb::Env> env;
    std::unique_ptr<rocksdb::DB> db;
    std::vector<rocksdb::ColumnFamilyHandle*> families;
  };
  static std::mutex mutex;
  static auto* const kept = new std::vector<abandoned>;
  const std::lock_guard lock{mutex};
  kept->push_back({std::move(directory), std::move(env), std::move(db), std::move(families)});
}

// Of a store, what is no part of RocksDB's own count. A file may go meanwhile.
store_sizes files_of(const std::filesystem::path& place) {
  store_sizes found;
  std::error_code ignored;
  for (const auto& file : std::filesystem::directory_iterator(place, ignored)) {
    if (file.path().extension() != ".log") continue;
    const std::uintmax_t bytes = file.file_size(ignored);
    if (!ignored) found.log += bytes;
  }
  const auto space = std::filesystem::space(place, ignored);
  if (!ignored) found.free = space.available;
  return found;
}

}  // namespace

rocksdb_database::rocksdb_database(std::filesystem::path path, const store_options& options,
                                   bool read_only)
    : path_(std::move(path)),
      read_only_(read_only),
      files_(options.files ? options.files : rocksdb::FileSystem::Default()),
      logger_(std::make_shared<notice_logger>(options.notice)),
      plain_env_(rocksdb::NewCompositeEnv(files_)),
      durable_ends_(std::make_shared<durable_ends_keeper>(path_, files_, latch_)) {}

result<std::unique_ptr<rocksdb_database>> rocksdb_database::open(shared_directory directory,
                                                                 const store_options& options) {
  if (const auto secured = secure_means(options); !secured) return secured.error();
  const std::filesystem::path path = directory->place();
  std::unique_ptr<rocksdb_database> opened{new rocksdb_database{path, options, false}};
  opened->directory_ = std::move(directory);
  auto database = database_options(options, opened->logger_, opened->latch_);
  database.listeners.push_back(opened->durable_ends_);
  opened->env_ = rocksdb::NewCompositeEnv(prewritten_wal(opened->files_));
  database.env = opened->env_.get();

  rocksdb::DB* db = nullptr;
  const auto status =
      rocksdb::DB::Open(database, path.string(), family_options(options), &opened->families_, &db);
  if (!status.ok()) return to_error(status, "opening the store in " + path.string());
  opened->db_.reset(db);
  if (const auto kept = opened->durable_ends_->keep(*db); !kept) {
    opened->latch_->set(kept.error());
    return kept.error();
  }
  return opened;
}

result<std::unique_ptr<rocksdb_database>> rocksdb_database::open_read_only(
    const std::filesystem::path& path, const store_options& options,
    const std::optional<wal_cut>& torn, shared_directory directory) {
  if (const auto secured = secure_means(options); !secured) return secured.error();
  std::unique_ptr<rocksdb_database> opened{new rocksdb_database{path, options, true}};
  opened->directory_ = std::move(directory);
  auto database = database_options(options, opened->logger_, opened->latch_);
  database.create_if_missing = false;
  database.create_missing_column_families = false;
  auto files = opened->files_;
  if (torn) files = truncated_file_system(std::move(files), *torn);
  opened->env_ = rocksdb::NewCompositeEnv(files);
  database.env = opened->env_.get();
  const auto families = list_families(database, path);
  if (!families) return families.error();
  if (families->size() < family_names.size()) {
    return error{errc::store_missing, "the store in " + path.string() +
                                          " was never finished: a crash while it was made"};
  }

  rocksdb::DB* db = nullptr;
  const auto status = rocksdb::DB::OpenForReadOnly(database, path.string(), family_options(options),
                                                   &opened->families_, &db);
  if (!status.ok()) return to_error(status, "opening the store in " + path.string());
  opened->db_.reset(db);
  return opened;
}

void rocksdb_database::watch_paths(std::vector<shared_directory> watched,
                                   std::chrono::milliseconds interval) {
  watch_ = std::make_unique<path_watch>(
      std::move(watched), interval,
      [this](const error& failure) { latch_->set_in_background(failure); }, [this] { measure(); });
}

store_sizes rocksdb_database::sizes() const {
  const std::lock_guard lock{sizes_mutex_};
  return sizes_;
}

// What has failed is not asked any more.
void rocksdb_database::measure() {
  if (latch_->get()) return;
  const auto property = [this](const std::string& name, rocksdb::ColumnFamilyHandle* family) {
    std::uint64_t value = 0;
    return db_->GetIntProperty(family, name, &value) ? value : 0;
  };
  store_sizes found = files_of(path_);
  for (rocksdb::ColumnFamilyHandle* const family : families_) {
    found.tables += property(rocksdb::DB::Properties::kLiveSstFilesSize, family);
    found.memtables += property(rocksdb::DB::Properties::kSizeAllMemTables, family);
  }
  // All families have one cache.
  found.cache = property(rocksdb::DB::Properties::kBlockCacheUsage, states());
  const std::lock_guard lock{sizes_mutex_};
  sizes_ = found;
}

result<void> rocksdb_database::keep_synced_log() const { return durable_ends_->keep_synced(*db_); }

std::filesystem::path rocksdb_database::path() const {
  return directory_ ? directory_->path() : path_;
}

result<std::vector<std::string>> list_families(const rocksdb::DBOptions& options,
                                               const std::filesystem::path& path) {
  std::vector<std::string> found;
  const auto status = rocksdb::DB::ListColumnFamilies(options, path.string(), &found);
  if (!status.ok())
    return to_error(status, "reading the manifest of the store in " + path.string());
  for (const std::string& family : found) {
    if (std::find(family_names.begin(), family_names.end(), family) != family_names.end()) continue;
    return error{errc::wrong_format, "the store in " + path.string() + " holds a family '" +
                                         family + "' that this program does not know"};
  }
  return found;
}

rocksdb_database::~rocksdb_database() {
  watch_.reset();
  if (!db_) return;
  if (latch_->get()) {
    // Its background threads live on, what the notices refer to may not.
    logger_->mute();
    keep_until_exit(std::move(directory_), std::move(env_), std::move(db_), std::move(families_));
    return;
  }
  close();
}

void rocksdb_database::close() {
  const auto reached = durable_ends_->reached(*db_);
  for (rocksdb::ColumnFamilyHandle* family : families_) {
    (void)db_->DestroyColumnFamilyHandle(family);
  }
  const auto closed = db_->Close();
  db_.reset();
  if (read_only_) return;
  const auto kept = !closed.ok() ? result<void>{to_error(closed, "closing the store")}
                    : !reached   ? result<void>{reached.error()}
                                 : durable_ends_->keep_closed(*reached);
  if (!kept) rocksdb::Warn(logger_.get(), "%s", kept.error().message.c_str());
}

}  // namespace factord::storage
