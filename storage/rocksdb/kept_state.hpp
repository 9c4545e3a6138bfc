#pragma once

#include <rocksdb/snapshot.h>
#include <rocksdb/write_batch.h>

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "storage/base/error.hpp"
#include "storage/model/log_head.hpp"
#include "storage/rocksdb/database.hpp"

namespace factord::storage {

/// What a store held at one moment, and which keys were written since: so that one batch leads back
/// to it. RocksDB keeps what these keys had meanwhile, for as long as this is there; it goes before
/// the database is closed. Takes about 100 bytes of memory for a key. One thread.
class kept_state {
 public:
  kept_state(const rocksdb_database& database, const log_head& head)
      : database_(database), owner_(&database.db()), head_(head) {}

  [[nodiscard]] const log_head& head() const noexcept { return head_; }

  void note_state(std::string_view key) { states_.emplace(key); }
  void note_user_event(std::string_view key) { user_events_.emplace(key); }

  /// What the store is called then.
  struct renewal {
    std::string_view id;
    std::string_view chain_start;
    log_head head;
  };
  /// What leads back from `now`. It may be as large as all that was written since.
  [[nodiscard]] result<rocksdb::WriteBatch> way_back(const log_head& now, const renewal& as) const;
  /// Goes it, in one step that is durable. A memtable of user_events takes each key once
  /// (memtable/hash_memtable.hpp), and those that are deleted here were written before and will be
  /// again: so the caller flushes them before and after, and writes nothing in between. What a
  /// crash leaves there recovery flushes as well. A failure latches (rocksdb_database::failure).
  [[nodiscard]] result<void> go_back(rocksdb::WriteBatch& way);

 private:
  [[nodiscard]] result<void> add_states(rocksdb::WriteBatch& batch) const;

  const rocksdb_database& database_;
  rocksdb::ManagedSnapshot owner_;
  const rocksdb::Snapshot* const then_ = owner_.snapshot();
  const log_head head_;
  std::set<std::string, std::less<>> states_;
  std::set<std::string, std::less<>> user_events_;
};

/// Leaves the memtable of events by user empty. A failure latches.
[[nodiscard]] result<void> flush_user_events(const rocksdb_database& database);

}  // namespace factord::storage
