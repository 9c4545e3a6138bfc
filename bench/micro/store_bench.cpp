#include <benchmark/benchmark.h>

#include <vector>

#include "bench/micro/sample.hpp"
#include "bench/micro/store_directory.hpp"
#include "storage/base/check.hpp"
#include "storage/model/event.hpp"
#include "storage/model/keys.hpp"
#include "storage/model/records.pb.h"

namespace factord::bench {
namespace {

constexpr std::size_t prepared_batches = 64;

/// Removals of one batch as the engine gets them.
struct prepared {
  std::vector<std::string> ids;
  storage::state_table table;
};

// Prepared ahead, so that only the engine is timed; enough of them that keys stay scattered.
std::vector<prepared> prepare(const store_directory& directory, std::size_t size) {
  std::vector<prepared> batches(prepared_batches);
  scattered_users users{directory.users()};
  std::string key;
  for (prepared& batch : batches) {
    for (std::size_t i = 0; i < size; ++i) {
      batch.ids.push_back(users.next());
      storage::set_factor_key(key, batch.ids.back(), storage::factor_type::otp_email);
      batch.table.want(key);
    }
  }
  return batches;
}

std::string event_value() {
  storage::event_record event;
  event.set_type(static_cast<std::uint32_t>(storage::event_type::otp_email_removed));
  event.set_user_id(std::string(first_id));
  event.set_resource_owner(std::string(org));
  event.set_creator("operator");
  event.set_created_at(to_micros(system_now()));
  return std::string(sizeof(storage::digest), '\0') + event.SerializeAsString();
}

// One MultiGet of the factors of a batch.
void store_load(benchmark::State& state) {
  const store_directory directory;
  const auto store = directory.open(storage::durability::process);
  auto batches = prepare(directory, static_cast<std::size_t>(state.range(0)));
  std::size_t next = 0;
  for (auto _ : state) {
    const auto head = store->load(batches[next++ % batches.size()].table);
    FACTORD_CHECK(head.has_value());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(store_load)->ArgName("batch")->Arg(1)->Arg(8)->Arg(25)->Arg(64)->Arg(256);

// One batch of removals written, and synced in mode disk.
void store_commit(benchmark::State& state, storage::durability mode) {
  const store_directory directory;
  const auto store = directory.open(mode);
  auto batches = prepare(directory, static_cast<std::size_t>(state.range(0)));
  std::uint64_t sequence = 0;
  for (prepared& batch : batches) {
    sequence = store->load(batch.table)->sequence;
    for (std::size_t i = 0; i < batch.table.size(); ++i) {
      batch.table.erase(std::string(batch.table.key(i)));
    }
  }
  const std::string value = event_value();
  std::vector<storage::new_event> events;
  std::size_t next = 0;
  for (auto _ : state) {
    const prepared& batch = batches[next++ % batches.size()];
    events.clear();
    for (const std::string& id : batch.ids) events.push_back({++sequence, id, value});
    const auto done = store->commit(batch.table, events);
    FACTORD_CHECK(done.has_value());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK_CAPTURE(store_commit, disk, storage::durability::disk)
    ->ArgName("batch")
    ->Arg(1)
    ->Arg(8)
    ->Arg(25)
    ->Arg(64)
    ->Arg(256)
    ->UseRealTime();
BENCHMARK_CAPTURE(store_commit, process, storage::durability::process)
    ->ArgName("batch")
    ->Arg(1)
    ->Arg(8)
    ->Arg(25)
    ->Arg(64)
    ->Arg(256)
    ->UseRealTime();

}  // namespace
}  // namespace factord::bench
