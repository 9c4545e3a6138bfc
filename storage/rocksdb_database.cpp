#include "storage/rocksdb_database.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

#include "storage/prewritten_wal.hpp"
#include "storage/rocksdb_options.hpp"
#include "storage/rocksdb_status.hpp"
#include "storage/truncated_file_system.hpp"

namespace factord::storage {

namespace {

constexpr std::string_view opening = "opening the store";

/// Where failed databases stay. Never destroyed, so that nothing runs on them at exit either.
void keep_until_exit(std::unique_ptr<rocksdb::Env> env, std::unique_ptr<rocksdb::DB> db,
                     std::vector<rocksdb::ColumnFamilyHandle*> families) {
  struct abandoned {
    std::unique_ptr<rocksdb::Env> env;
    std::unique_ptr<rocksdb::DB> db;
    std::vector<rocksdb::ColumnFamilyHandle*> families;
  };
  static std::mutex mutex;
  static auto* const kept = new std::vector<abandoned>;
  const std::lock_guard lock{mutex};
  kept->push_back({std::move(env), std::move(db), std::move(families)});
}

std::shared_ptr<rocksdb::FileSystem> files_of(const store_options& options) {
  return options.files ? options.files : rocksdb::FileSystem::Default();
}

}  // namespace

rocksdb_database::rocksdb_database(const store_options& options, bool read_only)
    : read_only_(read_only),
      logger_(std::make_shared<notice_logger>(options.notice)),
      plain_env_(rocksdb::NewCompositeEnv(files_of(options))) {}

result<std::unique_ptr<rocksdb_database>> rocksdb_database::open(const std::filesystem::path& path,
                                                                 const store_options& options) {
  std::unique_ptr<rocksdb_database> opened{new rocksdb_database{options, false}};
  auto database = database_options(options, opened->logger_, opened->latch_);
  opened->env_ = rocksdb::NewCompositeEnv(prewritten_wal(files_of(options)));
  database.env = opened->env_.get();
  if (const auto known = opened->check_families(path, database); !known) return known.error();

  rocksdb::DB* db = nullptr;
  const auto status =
      rocksdb::DB::Open(database, path.string(), family_options(options), &opened->families_, &db);
  if (!status.ok()) return to_error(status, opening);
  opened->db_.reset(db);
  return opened;
}

result<std::unique_ptr<rocksdb_database>> rocksdb_database::open_read_only(
    const std::filesystem::path& path, const store_options& options,
    const std::optional<wal_cut>& torn) {
  std::unique_ptr<rocksdb_database> opened{new rocksdb_database{options, true}};
  auto database = database_options(options, opened->logger_, opened->latch_);
  database.create_if_missing = false;
  database.create_missing_column_families = false;
  auto files = files_of(options);
  if (torn) files = truncated_file_system(std::move(files), *torn);
  opened->env_ = rocksdb::NewCompositeEnv(files);
  database.env = opened->env_.get();
  if (const auto known = opened->check_families(path, database); !known) return known.error();

  rocksdb::DB* db = nullptr;
  const auto status = rocksdb::DB::OpenForReadOnly(database, path.string(), family_options(options),
                                                   &opened->families_, &db);
  if (!status.ok()) return to_error(status, opening);
  opened->db_.reset(db);
  return opened;
}

/// A database with families of another program, or of a later version of this one, is refused
/// before anything in it is touched.
result<void> rocksdb_database::check_families(const std::filesystem::path& path,
                                              const rocksdb::DBOptions& options) {
  if (!std::filesystem::exists(path / "CURRENT")) return {};
  std::vector<std::string> found;
  const auto status = rocksdb::DB::ListColumnFamilies(options, path.string(), &found);
  if (!status.ok()) return to_error(status, "reading the manifest of the store");
  for (const std::string& family : found) {
    if (std::find(family_names.begin(), family_names.end(), family) != family_names.end()) continue;
    return error{errc::wrong_format, "the store in " + path.string() + " holds a family '" +
                                         family + "' that this program does not know"};
  }
  if (read_only_ && found.size() < family_names.size()) {
    return error{errc::store_missing, "the store in " + path.string() +
                                          " was never finished: a crash while it was made"};
  }
  return {};
}

rocksdb_database::~rocksdb_database() {
  if (!db_) return;
  if (latch_->get()) {
    // Its background threads live on, what the notices refer to may not.
    logger_->mute();
    keep_until_exit(std::move(env_), std::move(db_), std::move(families_));
    return;
  }
  for (rocksdb::ColumnFamilyHandle* family : families_) {
    (void)db_->DestroyColumnFamilyHandle(family);
  }
  if (const auto closed = db_->Close(); !closed.ok() && !read_only_) {
    rocksdb::Warn(logger_.get(), "closing the store: %s", closed.ToString().c_str());
  }
  db_.reset();
}

}  // namespace factord::storage
