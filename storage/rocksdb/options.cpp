#include "storage/rocksdb/options.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

#include <utility>

#include "storage/base/canary.hpp"
#include "storage/base/descriptors.hpp"
#include "storage/rocksdb/memtable/core_yielder.hpp"
#include "storage/rocksdb/memtable/hash_memtable.hpp"

namespace factord::storage {

namespace {

// Of level 0: from so many on writes stand still, and the memtables that there are then still come.
constexpr int level0_stop = 48;
constexpr int memtables = 4;
constexpr int other_levels = 6;
static_assert(level0_stop + memtables + other_levels <= store_files::of_a_walk);
static_assert(family_names.size() == store_files::kinds);
// Of max_open_files RocksDB keeps so many for what is no table.
constexpr int not_tables = 10;

rocksdb::BlockBasedTableOptions table_options(std::shared_ptr<rocksdb::Cache> cache) {
  rocksdb::BlockBasedTableOptions table;
  // One cache for all families, so that one number bounds it.
  table.block_cache = std::move(cache);
  // Indexes and filters whole, in the memory of the open files: in the cache, or in pieces, each
  // look-up asked the cache for three of them first (a third of the time of a look-up). They grow
  // with the store, so they are kept small (state_options).
  table.cache_index_and_filter_blocks = false;
  return table;
}

/// What all families have in common.
rocksdb::ColumnFamilyOptions family_base(const store_options& options) {
  rocksdb::ColumnFamilyOptions family;
  family.write_buffer_size = options.write_buffer_bytes;
  // More may wait to be flushed than the one that the default lets wait: at two, writes stood still
  // for as long as a flush takes. db_write_buffer_size bounds all of them together.
  family.max_write_buffer_number = memtables;
  // Keeps the space lost to overwritten and deleted records near a tenth.
  family.level_compaction_dynamic_level_bytes = true;
  // Ids are scattered, so each merge of level 0 rewrites all of the level below: three times as
  // rarely as by default. A look-up asks the filters of up to this many files first.
  family.level0_file_num_compaction_trigger = 12;
  family.level0_slowdown_writes_trigger = 32;
  family.level0_stop_writes_trigger = level0_stop;
  // The cores belong to the shards and the commit thread.
  family.table_properties_collector_factories.push_back(core_yielding_tables());
  return family;
}

/// States: point look-ups, many of them for what is not there (a free name, a removed factor).
rocksdb::ColumnFamilyOptions state_options(const store_options& options,
                                           std::shared_ptr<rocksdb::Cache> cache) {
  rocksdb::ColumnFamilyOptions family = family_base(options);
  auto table = table_options(std::move(cache));
  // Half of the default: a look-up searches less, and what lies scattered shares fewer blocks.
  table.block_size = 2U << 10U;
  // 10 bits a key: about 1 % of the look-ups of what a file does not hold read a block.
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  // The last level holds most keys, and most look-ups there find what they want: it has no filter,
  // which would take more memory than all the rest.
  family.optimize_filters_for_hits = true;
  family.memtable_factory = hash_memtable_factory();
  return family;
}

/// Events: appended, then walked in order. Their keys ascend, which a skip list takes at no cost.
rocksdb::ColumnFamilyOptions log_options(const store_options& options,
                                         std::shared_ptr<rocksdb::Cache> cache) {
  rocksdb::ColumnFamilyOptions family = family_base(options);
  auto table = table_options(std::move(cache));
  // Larger blocks: neighbours are read together and compress well.
  table.block_size = 16U << 10U;
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return family;
}

/// The index by user: appended, read for one user at a time.
rocksdb::ColumnFamilyOptions user_event_options(const store_options& options,
                                                std::shared_ptr<rocksdb::Cache> cache) {
  rocksdb::ColumnFamilyOptions family = log_options(options, std::move(cache));
  family.memtable_factory = hash_memtable_factory();
  family.prefix_extractor = text_before_zero();
  return family;
}

}  // namespace

rocksdb::DBOptions database_options(const store_options& options,
                                    std::shared_ptr<notice_logger> logger,
                                    std::shared_ptr<failure_latch> latch) {
  rocksdb::DBOptions database;
  // Whether a store may be created is decided before RocksDB is asked; a crash in the middle of it
  // leaves families missing.
  database.create_if_missing = true;
  database.create_missing_column_families = true;

  // No LOG file on the data disk, and no statistics written there every ten minutes.
  database.info_log = std::move(logger);
  database.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  database.stats_dump_period_sec = 0;
  database.stats_persist_period_sec = 0;

  // An answered batch must never be dropped in silence: only an incomplete last record may be
  // missing. storage/rocksdb/wal/wal_tail has cut what this mode would refuse although it was never
  // answered.
  database.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  // Finds a closed WAL that is missing or too short.
  database.track_and_verify_wals_in_manifest = true;
  // storage/rocksdb/wal/wal_tail looks at the newest WAL only: so recovery must leave no older one
  // in use...
  database.avoid_flush_during_recovery = false;
  // ...and knows plain records in fresh files, as they were written by one write call per batch.
  database.recycle_log_file_num = 0;
  database.wal_compression = rocksdb::kNoCompression;
  database.manual_wal_flush = false;

  // After an error nothing is tried again (failure_latch).
  database.max_bgerror_resume_count = 0;
  database.listeners.push_back(std::move(latch));

  // One bound for the memtables of all families together, and one for the WAL that pins them.
  database.db_write_buffer_size = options.write_buffer_bytes;
  database.max_total_wal_size = options.wal_bytes;

  // Descriptors are counted (server/base/descriptor_budget.hpp): without a bound, each table has
  // one.
  database.max_open_files = static_cast<int>(options.table_files) + not_tables;

  // Tables are opened by the thread that opens the store. With more, one that cannot be had ends
  // the process: what was begun is left running when the exception passes (version_builder.cc).
  database.max_file_opening_threads = 1;

  // There is one writer, the commit thread, and storage/rocksdb/memtable/hash_memtable relies on
  // it.
  database.allow_concurrent_memtable_write = false;

  // One flush and one compaction at a time: the cores belong to the shards.
  database.max_background_jobs = 2;
  return database;
}

std::vector<rocksdb::ColumnFamilyDescriptor> family_options(const store_options& options) {
  const auto cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  return {
      {family_names[0], state_options(options, cache)},
      {family_names[1], log_options(options, cache)},
      {family_names[2], user_event_options(options, cache)},
  };
}

rocksdb::WriteOptions write_options(durability mode) {
  rocksdb::WriteOptions write;
  // `sync` and not Write() followed by SyncWAL(): with that, readers would see what may yet be
  // lost.
  write.sync = mode == durability::disk && !planted(canary::answer_before_sync) &&
               !planted(canary::stream_before_sync);
  return write;
}

rocksdb::ReadOptions range_options(const rocksdb::Slice* end) {
  rocksdb::ReadOptions read;
  // Without a bound a walk may cross any number of deleted keys past its end.
  read.iterate_upper_bound = end;
  // Otherwise a walk may miss what has another prefix than its first key.
  read.total_order_seek = true;
  return read;
}

rocksdb::ReadOptions one_user_options(const rocksdb::Slice* begin, const rocksdb::Slice* end) {
  rocksdb::ReadOptions read;
  read.iterate_lower_bound = begin;
  read.iterate_upper_bound = end;
  return read;
}

rocksdb::ReadOptions bulk_options(const rocksdb::Slice* end) {
  rocksdb::ReadOptions read = range_options(end);
  read.fill_cache = false;
  return read;
}

}  // namespace factord::storage
