#include "storage/rocksdb/store_meta.hpp"

#include "storage/base/check.hpp"
#include "storage/model/keys.hpp"
#include "storage/rocksdb/failure/status.hpp"
#include "storage/rocksdb/options.hpp"

namespace factord::storage {

namespace {

std::string meta_key(std::string_view name) {
  std::string key;
  set_meta_key(key, name);
  return key;
}

}  // namespace

result<std::optional<std::string>> read_meta(const rocksdb_database& database,
                                             std::string_view name) {
  std::string value;
  const auto found =
      database.db().Get(rocksdb::ReadOptions{}, database.states(), meta_key(name), &value);
  if (found.IsNotFound()) return std::nullopt;
  if (!found.ok()) return to_error(found, "reading the format of the store");
  return value;
}

void put_meta(const rocksdb_database& database, std::string_view name, std::string_view value,
              rocksdb::WriteBatch& batch) {
  const rocksdb::Slice bytes{value.data(), value.size()};
  FACTORD_CHECK(batch.Put(database.states(), meta_key(name), bytes).ok());
}

result<std::uint64_t> read_token_epoch(const rocksdb_database& database) {
  const auto bytes = read_meta(database, meta::token_epoch);
  if (!bytes) return bytes.error();
  if (!*bytes) return std::uint64_t{0};
  if ((*bytes)->size() == sizeof(std::uint64_t)) return read_sequence(**bytes);
  return error{errc::corruption, "the token epoch of the store is no number of 8 bytes"};
}

void put_token_epoch(const rocksdb_database& database, std::uint64_t epoch,
                     rocksdb::WriteBatch& batch) {
  thread_local std::string bytes;
  set_event_key(bytes, epoch);  // a number is written as a sequence is
  put_meta(database, meta::token_epoch, bytes, batch);
}

error not_ours(const std::filesystem::path& dir) {
  return {errc::not_a_store, dir.string() + " holds a RocksDB database that is not a store"};
}

result<void> write_synced(const rocksdb_database& database, rocksdb::WriteBatch& batch) {
  const auto written = database.db().Write(write_options(durability::disk), &batch);
  if (written.ok()) return {};
  const error failure = to_error(written, "writing the format of the store");
  database.failure().set(failure);
  return failure;
}

}  // namespace factord::storage
