#include "storage/rocksdb/memtable/core_yielder.hpp"

#include <sched.h>

namespace factord::storage {

namespace {

// A key costs a flush about 1 µs.
constexpr std::uint32_t keys_a_turn = 32;

/// RocksDB shows it every key that goes into a table; it collects nothing.
class table_watch final : public rocksdb::TablePropertiesCollector {
 public:
  rocksdb::Status AddUserKey(const rocksdb::Slice& /*key*/, const rocksdb::Slice& /*value*/,
                             rocksdb::EntryType /*type*/, rocksdb::SequenceNumber /*sequence*/,
                             std::uint64_t /*file_size*/) override {
    sharing_.step();
    return rocksdb::Status::OK();
  }
  rocksdb::Status Finish(rocksdb::UserCollectedProperties* /*properties*/) override {
    return rocksdb::Status::OK();
  }
  [[nodiscard]] rocksdb::UserCollectedProperties GetReadableProperties() const override {
    return {};
  }
  [[nodiscard]] const char* Name() const override { return "factord.core_yielder"; }

 private:
  core_yielder sharing_{keys_a_turn};
};

class watch_factory final : public rocksdb::TablePropertiesCollectorFactory {
 public:
  rocksdb::TablePropertiesCollector* CreateTablePropertiesCollector(Context /*table*/) override {
    return new table_watch;
  }
  [[nodiscard]] const char* Name() const override { return "factord.core_yielder"; }
};

}  // namespace

const core_yielder::scheduler core_yielder::kernel{
    std::chrono::steady_clock::now,
    [] { (void)::sched_yield(); },
};

core_yielder::core_yielder(std::uint32_t steps, const scheduler& from)
    : steps_(steps), from_(from), resumed_(from.now()) {}

void core_yielder::offer() {
  done_ = 0;
  const time_point before = from_.now();
  worked_ += before - resumed_;
  resumed_ = before;
  if (waited_ > patience * worked_) return;
  from_.yield();
  resumed_ = from_.now();
  waited_ += resumed_ - before;
}

std::shared_ptr<rocksdb::TablePropertiesCollectorFactory> core_yielding_tables() {
  return std::make_shared<watch_factory>();
}

}  // namespace factord::storage
