#include "storage/store.hpp"

#include <openssl/rand.h>
#include <sys/stat.h>

#include <array>
#include <optional>
#include <utility>

#include "storage/base/canary.hpp"
#include "storage/base/check.hpp"
#include "storage/data_directory.hpp"
#include "storage/extents.hpp"
#include "storage/keys.hpp"
#include "storage/rocksdb_database.hpp"
#include "storage/rocksdb_engine.hpp"
#include "storage/rocksdb_options.hpp"
#include "storage/rocksdb_status.hpp"
#include "storage/store_engine.hpp"
#include "storage/wal_file.hpp"

namespace factord::storage {

namespace fs = std::filesystem;

namespace {

/// The layout of keys (storage/keys.hpp) and records (storage/records.proto).
constexpr std::string_view format_version = "1";

std::string meta_key(std::string_view name) {
  std::string key;
  set_meta_key(key, name);
  return key;
}

std::string random_store_id() {
  std::array<unsigned char, 16> bytes;
  FACTORD_CHECK(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1);
  constexpr std::string_view digits = "0123456789abcdef";
  std::string id;
  for (const unsigned char byte : bytes) {
    id += digits[byte >> 4U];
    id += digits[byte & 0x0FU];
  }
  return id;
}

result<std::optional<std::string>> read_meta(const rocksdb_database& database,
                                             std::string_view name) {
  std::string value;
  const auto found =
      database.db().Get(rocksdb::ReadOptions{}, database.states(), meta_key(name), &value);
  if (found.IsNotFound()) return std::nullopt;
  if (!found.ok()) return to_error(found, "reading the format of the store");
  return value;
}

result<void> write_synced(const rocksdb_database& database, rocksdb::WriteBatch& batch) {
  const auto written = database.db().Write(write_options(durability::disk), &batch);
  if (written.ok()) return {};
  const error failure = to_error(written, "writing the format of the store");
  database.failure().set(failure);
  return failure;
}

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

/// The store's id, made where the store is new: one that a crash left without its first batch is.
result<std::string> settle_identity(const rocksdb_database& database, const fs::path& dir) {
  const auto format = read_meta(database, "format");
  if (!format) return format.error();
  const auto store_id = read_meta(database, "store_id");
  if (!store_id) return store_id.error();
  if (*format && **format != format_version) {
    return error{errc::wrong_format, "the store in " + dir.string() + " has format version " +
                                         **format + "; this program knows version " +
                                         std::string{format_version}};
  }
  if (*format && *store_id) return **store_id;

  const auto empty = is_empty(database);
  if (!empty) return empty.error();
  if (!*empty) {
    return error{errc::not_a_store, dir.string() + " holds a RocksDB database that is not a store"};
  }
  if (database.read_only()) {
    return error{errc::store_missing, dir.string() + " holds a store that was never finished"};
  }
  const std::string id = random_store_id();
  rocksdb::WriteBatch batch;
  FACTORD_CHECK(batch.Put(database.states(), meta_key("format"), std::string{format_version}).ok());
  FACTORD_CHECK(batch.Put(database.states(), meta_key("store_id"), id).ok());
  if (const auto written = write_synced(database, batch); !written) return written.error();
  return id;
}

/// Looks at what RocksDB appends to before it does: it would cut where we refuse, and refuse where
/// we cut.
result<std::optional<wal_cut>> look_at_logs(const fs::path& store) {
  if constexpr (planted(canary::skip_tail_check)) return std::optional<wal_cut>{};
  auto torn = find_torn_tail(store);
  if (!torn) return torn;
  if (const auto whole = check_extents(store); !whole) return whole.error();
  return torn;
}

result<void> note_durability(const rocksdb_database& database, durability mode) {
  const auto last = read_meta(database, "durability");
  if (!last) return last.error();
  if (*last == name(mode)) return {};
  rocksdb::WriteBatch batch;
  FACTORD_CHECK(batch.Put(database.states(), meta_key("durability"), std::string{name(mode)}).ok());
  return write_synced(database, batch);
}

void check_lock(const fs::path& dir, const directory_lock& lock) {
  struct stat held {};
  struct stat named {};
  FACTORD_CHECK(::fstat(lock.fd(), &held) == 0 && ::stat(dir.c_str(), &named) == 0);
  FACTORD_CHECK(held.st_dev == named.st_dev && held.st_ino == named.st_ino);
}

}  // namespace

result<std::unique_ptr<engine>> make_engine(std::unique_ptr<rocksdb_database> database,
                                            const fs::path& dir, durability mode) {
  auto store_id = settle_identity(*database, dir);
  if (!store_id) return store_id.error();
  if (!database->read_only()) {
    if (const auto noted = note_durability(*database, mode); !noted) return noted.error();
  }
  const auto head = read_head(*database, *store_id);
  if (!head) return head.error();
  return std::make_unique<rocksdb_engine>(std::move(database), *std::move(store_id), mode, *head);
}

std::string describe(const wal_cut& cut) {
  return std::to_string(cut.size - cut.offset) +
         " bytes of a batch that was never answered, at the end of " + cut.file.string();
}

result<std::unique_ptr<engine>> open_store(const fs::path& dir, const directory_lock& lock,
                                           const store_options& options) {
  check_lock(dir, lock);
  const fs::path store = store_path(dir);
  const auto held = holds_store(dir);
  if (!held) return held.error();
  if (const auto made = make_store_directory(dir); !made) return made.error();

  const auto torn = look_at_logs(store);
  if (!torn) return torn.error();
  if (*torn) {
    if (const auto cut = cut_torn_tail(**torn); !cut) return cut.error();
    if (options.notice) options.notice("cut " + describe(**torn));
  }
  auto database = rocksdb_database::open(store, options);
  if (!database) return database.error();
  return make_engine(*std::move(database), dir, options.mode);
}

result<std::unique_ptr<engine>> open_store_read_only(const fs::path& dir,
                                                     const directory_lock& lock,
                                                     const store_options& options) {
  check_lock(dir, lock);
  const fs::path store = store_path(dir);
  const auto held = holds_store(dir);
  if (!held) return held.error();
  if (!*held) return error{errc::store_missing, dir.string() + " holds no store"};

  const auto torn = look_at_logs(store);
  if (!torn) return torn.error();
  if (*torn && options.notice) options.notice("left out " + describe(**torn));
  auto database = rocksdb_database::open_read_only(store, options, *torn);
  if (!database) return database.error();
  return make_engine(*std::move(database), dir, options.mode);
}

}  // namespace factord::storage
