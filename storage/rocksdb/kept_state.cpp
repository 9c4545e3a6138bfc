#include "storage/rocksdb/kept_state.hpp"

#include <array>
#include <vector>

#include "storage/base/check.hpp"
#include "storage/model/keys.hpp"
#include "storage/rocksdb/failure/status.hpp"
#include "storage/rocksdb/features.hpp"
#include "storage/rocksdb/options.hpp"
#include "storage/rocksdb/store_meta.hpp"

namespace factord::storage {
namespace {

// Of keys that are looked up together.
constexpr std::size_t keys_at_once = 1024;

void must_fit(const rocksdb::Status& added) { FACTORD_CHECK(added.ok()); }

result<void> fail(const rocksdb_database& database, const rocksdb::Status& status,
                  std::string_view doing) {
  error failure = to_error(status, doing);
  database.failure().set(failure);
  return failure;
}

}  // namespace

result<rocksdb::WriteBatch> kept_state::way_back(const log_head& now, const renewal& as) const {
  rocksdb::WriteBatch batch;
  if (const auto added = add_states(batch); !added) return added.error();
  for (const std::string& key : user_events_) must_fit(batch.Delete(database_.user_events(), key));
  if (now.sequence > head_.sequence) {
    std::string first;
    set_event_key(first, head_.sequence + 1);
    std::string past;
    set_event_key(past, now.sequence + 1);
    must_fit(batch.DeleteRange(database_.events(), first, past));
  }
  put_token_epoch(database_, as.head.token_epoch, batch);
  put_meta(database_, meta::store_id, as.id, batch);
  put_meta(database_, meta::chain_start, as.chain_start, batch);
  if (const auto noted = require_features(database_, std::array{renewed_feature}, batch); !noted)
    return noted.error();
  return batch;
}

result<void> kept_state::add_states(rocksdb::WriteBatch& batch) const {
  rocksdb::ReadOptions then;
  then.snapshot = then_;
  then.fill_cache = false;
  std::vector<rocksdb::Slice> keys;
  std::vector<rocksdb::PinnableSlice> records(keys_at_once);
  std::vector<rocksdb::Status> found(keys_at_once);
  for (auto at = states_.begin(); at != states_.end();) {
    keys.clear();
    for (; at != states_.end() && keys.size() < keys_at_once; ++at) keys.emplace_back(*at);
    database_.db().MultiGet(then, database_.states(), keys.size(), keys.data(), records.data(),
                            found.data(), /*sorted_input=*/true);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (found[i].ok()) {
        must_fit(batch.Put(database_.states(), keys[i], records[i]));
      } else if (found[i].IsNotFound()) {
        must_fit(batch.Delete(database_.states(), keys[i]));
      } else {
        return to_error(found[i], "reading what a store held");
      }
      records[i].Reset();
    }
  }
  return {};
}

result<void> kept_state::go_back(rocksdb::WriteBatch& way) {
  const auto written = database_.db().Write(write_options(durability::disk), &way);
  if (!written.ok()) return fail(database_, written, "writing the way back");
  states_.clear();
  user_events_.clear();
  return {};
}

result<void> flush_user_events(const rocksdb_database& database) {
  const auto flushed = database.db().Flush({}, database.user_events());
  return flushed.ok() ? result<void>{} : fail(database, flushed, "flushing the events of users");
}

}  // namespace factord::storage
