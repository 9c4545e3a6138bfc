#pragma once

#include <rocksdb/db.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

#include "storage/base/error.hpp"
#include "storage/base/helper_thread.hpp"
#include "storage/model/state_table.hpp"
#include "storage/rocksdb/database.hpp"

namespace factord::storage {

/// Looks up what a batch wants to know, in memory that is kept. A look-up of a user of many is a
/// few waits for memory, and of a bulk they are the most of a batch: so a second thread shares
/// those of a large one. Used by the commit thread only.
class state_loader {
 public:
  /// `database` outlives it.
  explicit state_loader(const rocksdb_database& database);

  /// Fills every entry but those of last events, which are no records. Nothing is written
  /// meanwhile.
  [[nodiscard]] result<void> load(state_table& table);

 private:
  void list_keys(const state_table& table);
  void look_up();
  void look_up_parts();
  [[nodiscard]] result<void> hand_over(state_table& table);

  const rocksdb_database& database_;
  std::vector<rocksdb::Slice> keys_;
  std::vector<std::size_t> places_;  ///< of these in the table
  std::vector<rocksdb::PinnableSlice> records_;
  std::vector<rocksdb::Status> statuses_;
  std::atomic<std::size_t> taken_ = 0;     ///< so many of the keys are looked up, or being so
  std::unique_ptr<helper_thread> helper_;  ///< null where there is no core for it
};

}  // namespace factord::storage
