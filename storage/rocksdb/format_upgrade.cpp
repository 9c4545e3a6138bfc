#include "storage/rocksdb/format_upgrade.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "storage/base/check.hpp"
#include "storage/model/keys.hpp"
#include "storage/model/records.pb.h"
#include "storage/model/username_holders.hpp"
#include "storage/rocksdb/failure/status.hpp"
#include "storage/rocksdb/options.hpp"
#include "storage/rocksdb/store_meta.hpp"

namespace factord::storage {

namespace {

constexpr std::size_t batch_bytes = 256U << 10U;

/// What is written in the upgrade.
struct changes {
  const rocksdb_database& database;
  rocksdb::WriteBatch& batch;
  rocksdb::ColumnFamilyHandle* states;
  std::map<std::string, std::string> names = {};  ///< put in this batch
  std::string key = {};                           ///< scratch

  void put(std::string_view at, std::string_view value) {
    const rocksdb::Slice bytes{value.data(), value.size()};
    FACTORD_CHECK(batch.Put(states, {at.data(), at.size()}, bytes).ok());
  }
  void erase(std::string_view at) {
    FACTORD_CHECK(batch.Delete(states, {at.data(), at.size()}).ok());
  }
};

result<void> enter_token_id(std::string_view key, std::string_view value, changes& out) {
  token_record token;
  if (!token.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
    return error{errc::corruption, "a token of the store does not hold a token record"};
  }
  set_token_id_key(out.key, token.token_id());
  out.put(out.key, key.substr(1));
  return {};
}

error no_name() {
  return {errc::corruption, "a username of the store does not hold a username record"};
}

/// The record of the name under `out.key`, as it will be once the batch is written.
result<username_record> find_name(changes& out) {
  std::string bytes;
  if (const auto put = out.names.find(out.key); put != out.names.end()) {
    bytes = put->second;
  } else {
    const auto status = out.database.db().Get({}, out.states, out.key, &bytes);
    if (!status.ok() && !status.IsNotFound()) return to_error(status, "reading a username");
  }
  username_record name;
  if (!name.ParseFromString(bytes)) return no_name();
  return name;
}

/// Moves a name to its lower case, to those who have that already.
result<void> fold_username(std::string_view key, std::string_view value, changes& out) {
  const std::size_t end_of_org = key.find('\0');
  username_record moved;
  if (end_of_org == std::string_view::npos ||
      !moved.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
    return no_name();
  }
  set_username_key(out.key, key.substr(1, end_of_org - 1), key.substr(end_of_org + 1));
  if (out.key == key) return {};
  auto name = find_name(out);
  if (!name) return name.error();
  for (const std::string& holder : moved.user_ids()) add_holder(*name, holder);
  const std::string& bytes = out.names[out.key] = name->SerializeAsString();
  out.put(out.key, bytes);
  out.erase(key);
  return {};
}

/// Writes what a state of an earlier format becomes in the current one.
result<void> upgrade_state(std::string_view key, std::string_view value, changes& out) {
  switch (static_cast<key_kind>(key.front())) {
    case key_kind::token:
      return enter_token_id(key, value, out);
    case key_kind::username:
      return fold_username(key, value, out);
    default:
      return {};
  }
}

result<void> begin(const rocksdb_database& database, const store_layout& was) {
  const store_layout next{store_format::current, was.features};
  rocksdb::WriteBatch batch;
  put_meta(database, meta::format, to_text(next), batch);
  put_meta(database, meta::upgrade_from, to_text(was), batch);
  return write_synced(database, batch);
}

result<void> upgrade_states(const rocksdb_database& database) {
  // One walk: it sees the states as they were when it began.
  const std::unique_ptr<rocksdb::Iterator> at{
      database.db().NewIterator(bulk_options(nullptr), database.states())};
  rocksdb::WriteBatch batch;
  changes out{database, batch, database.states()};
  for (at->SeekToFirst(); at->Valid(); at->Next()) {
    if (at->key().empty()) continue;
    const auto done = upgrade_state(at->key().ToStringView(), at->value().ToStringView(), out);
    if (!done) return done;
    if (batch.GetDataSize() < batch_bytes) continue;
    if (const auto written = write_synced(database, batch); !written) return written;
    batch.Clear();
    out.names.clear();
  }
  if (!at->status().ok()) return to_error(at->status(), "reading the states to upgrade");
  return write_synced(database, batch);
}

result<void> end(const rocksdb_database& database) {
  std::string key;
  set_meta_key(key, meta::upgrade_from);
  rocksdb::WriteBatch batch;
  FACTORD_CHECK(batch.Delete(database.states(), key).ok());
  return write_synced(database, batch);
}

}  // namespace

result<void> upgrade_format(const rocksdb_database& database, const store_layout& was,
                            const notice_sink& notice) {
  const std::string step = "the store from format " + to_text(was.format) + " to format " +
                           to_text(store_format::current);
  if (notice) notice("bringing " + step + ": earlier versions of this program will refuse it");
  if (const auto begun = begin(database, was); !begun) return begun;
  if (const auto done = upgrade_states(database); !done) return done;
  if (const auto ended = end(database); !ended) return ended;
  if (notice) notice("brought " + step);
  return {};
}

}  // namespace factord::storage
