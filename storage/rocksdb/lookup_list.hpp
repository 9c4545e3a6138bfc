#pragma once

#include <rocksdb/db.h>

#include <atomic>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "storage/base/error.hpp"
#include "storage/model/state_table.hpp"
#include "storage/rocksdb/database.hpp"

namespace factord::storage {

/// Keys of records that are looked up together, by one thread or by several that take parts of
/// them, in memory that is kept.
class lookup_list {
 public:
  /// What it is given outlives it.
  explicit lookup_list(const rocksdb_database& database) : database_(database) {}

  /// Forgets the keys, and lets go of the blocks that their records were found in.
  void clear();
  /// The key stays where it is until clear().
  void add(std::string_view key);

  /// From here on take_parts() has something to do.
  void begin() { taken_ = 0; }
  /// Looks up parts that nobody has taken, until there are none: all is known once everybody who
  /// has called it has returned. Any thread.
  void take_parts();
  /// What a commit of this table has changed is not known any more.
  void forget_changed(const state_table& committed);

  [[nodiscard]] std::size_t size() const noexcept { return keys_.size(); }
  [[nodiscard]] std::string_view key(std::size_t index) const {
    return {keys_[index].data(), keys_[index].size()};
  }
  /// The record, or nothing where there is none, until clear(). errc::unavailable where it is not
  /// known any more.
  [[nodiscard]] result<std::optional<std::string_view>> found(std::size_t index) const;

 private:
  const rocksdb_database& database_;
  std::vector<rocksdb::Slice> keys_;
  // As many as there were keys at most.
  std::vector<rocksdb::PinnableSlice> records_;
  std::vector<rocksdb::Status> statuses_;
  std::vector<bool> forgotten_;
  std::atomic<std::size_t> taken_ = 0;  ///< so many keys are looked up, or being so
};

}  // namespace factord::storage
