#pragma once

#include <rocksdb/db.h>

#include <array>
#include <memory>
#include <vector>

#include "storage/rocksdb/failure/failure_latch.hpp"
#include "storage/rocksdb/logger.hpp"
#include "storage/rocksdb/store.hpp"

namespace factord::storage {

/// The column families, in the order of their ids. Append, never reorder.
inline constexpr std::array<const char*, 3> family_names{"default", "events", "user_events"};

/// Every option that we set on RocksDB is set in rocksdb_options.cpp, with its reason.
[[nodiscard]] rocksdb::DBOptions database_options(const store_options& options,
                                                  std::shared_ptr<notice_logger> logger,
                                                  std::shared_ptr<failure_latch> latch);

/// The families with their options, in the order of family_names.
[[nodiscard]] std::vector<rocksdb::ColumnFamilyDescriptor> family_options(
    const store_options& options);

[[nodiscard]] rocksdb::WriteOptions write_options(durability mode);

/// For walking a range. `end` is the first key past it, and outlives the iterator; null: to the end
/// of the family.
[[nodiscard]] rocksdb::ReadOptions range_options(const rocksdb::Slice* end);

/// For walking the keys of one user in the index of events, both bounds inside it; null where there
/// is none. Both outlive the iterator.
[[nodiscard]] rocksdb::ReadOptions one_user_options(const rocksdb::Slice* begin,
                                                    const rocksdb::Slice* end);

/// The same as range_options for walks over all there is, which should not drive out of the cache
/// what requests use.
[[nodiscard]] rocksdb::ReadOptions bulk_options(const rocksdb::Slice* end);

}  // namespace factord::storage
