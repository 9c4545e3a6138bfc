#pragma once

#include <rocksdb/memtablerep.h>
#include <rocksdb/slice_transform.h>

#include <memory>

namespace factord::storage {

/// A memtable for families that are looked up by key, or by a prefix, far more often than walked.
///
/// RocksDB's skip list costs each write about ten steps through memory that is not in any cache,
/// because our keys are scattered: it was two fifths of the commit thread's work. Here a write is a
/// hash look-up. The price is order: a walk over the whole memtable (a flush, a scan of a family)
/// sorts it first, once for as long as nothing is written.
///
/// Entries lie in groups, linked in the order in which they were written. Without a prefix
/// extractor a group is the versions of one key. With one, it is all keys of a prefix, and these
/// must be written in ascending order and once each (checked), as the events of a user are.
///
/// One writer, any number of readers beside it: needs `allow_concurrent_memtable_write` off.
/// Look-ups cost nothing beyond their group, so do walks that stay within a prefix and whose
/// ReadOptions leave `total_order_seek` false.
[[nodiscard]] std::shared_ptr<rocksdb::MemTableRepFactory> hash_memtable_factory();

/// The prefix of a key that holds a 0x00: all before it. Of other keys: all of it.
[[nodiscard]] std::shared_ptr<const rocksdb::SliceTransform> text_before_zero();

}  // namespace factord::storage
