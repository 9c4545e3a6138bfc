#include <benchmark/benchmark.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "bench/micro/sample.hpp"
#include "bench/micro/store_directory.hpp"
#include "storage/base/check.hpp"
#include "storage/model/keys.hpp"
#include "storage/rocksdb/data_directory.hpp"
#include "storage/rocksdb/database.hpp"
#include "storage/rocksdb/options.hpp"

namespace factord::bench {
namespace {

using steady = std::chrono::steady_clock;

// As long as the value of a removal: hash and record.
constexpr std::size_t value_bytes = 32 + 52;

/// What a removal writes, without any of our code around it: the floor under the store.
class batch_writer {
 public:
  batch_writer(storage::rocksdb_database& database, std::uint64_t users)
      : database_(database), users_(users) {}

  void write(std::int64_t removals) {
    batch_.Clear();
    for (std::int64_t i = 0; i < removals; ++i) add(users_.next());
    FACTORD_CHECK(database_.db().Write(options_, &batch_).ok());
  }

 private:
  void add(const std::string& id) {
    ++sequence_;
    storage::set_factor_key(key_, id, storage::factor_type::otp_email);
    FACTORD_CHECK(batch_.Delete(database_.states(), key_).ok());
    storage::set_event_key(key_, sequence_);
    FACTORD_CHECK(batch_.Put(database_.events(), key_, value_).ok());
    storage::set_user_event_key(key_, id, sequence_);
    FACTORD_CHECK(batch_.Put(database_.user_events(), key_, rocksdb::Slice{}).ok());
  }

  storage::rocksdb_database& database_;
  const rocksdb::WriteOptions options_ = storage::write_options(storage::durability::disk);
  scattered_users users_;
  rocksdb::WriteBatch batch_;
  std::string key_;
  const std::string value_ = std::string(value_bytes, 'v');
  std::uint64_t sequence_ = std::uint64_t{1} << 40U;  // past all that was seeded
};

double percentile_us(std::vector<steady::duration>& sorted, double share) {
  const auto index = static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1));
  return std::chrono::duration<double, std::micro>(sorted[index]).count();
}

// Batches of three keys a removal, synced, of so many removals: what the store could do at best.
// Leaves no sound store behind: the events are no events.
void rocksdb_alone(benchmark::State& state) {
  const store_directory directory;
  storage::make_store_directory(directory.path()).value();
  const auto files = storage::held_directory::open(storage::store_path(directory.path())).value();
  const auto database = storage::rocksdb_database::open(files, {}).value();
  batch_writer writer{*database, directory.users()};
  std::vector<steady::duration> latencies;
  for (auto _ : state) {
    const auto start = steady::now();
    writer.write(state.range(0));
    latencies.push_back(steady::now() - start);
  }
  std::sort(latencies.begin(), latencies.end());
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.counters["p50_us"] = percentile_us(latencies, 0.5);
  state.counters["p99_us"] = percentile_us(latencies, 0.99);
  state.counters["p999_us"] = percentile_us(latencies, 0.999);
}
BENCHMARK(rocksdb_alone)
    ->ArgName("group")
    ->Arg(1)
    ->Arg(8)
    ->Arg(25)
    ->Arg(64)
    ->UseRealTime()
    ->MeasureProcessCPUTime();

}  // namespace
}  // namespace factord::bench
