#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "storage/commit/commit_queue.hpp"
#include "storage/engine/engine.hpp"
#include "storage/model/records.pb.h"
#include "storage/rocksdb/store.hpp"

namespace factord::storage::testing {

/// Small enough that a few hundred batches see logs switched, memtables flushed, tables compacted.
[[nodiscard]] store_options small_store();

/// Batches of commands of every kind on a store, the same ones for the same seed: users with their
/// factors, removals (also of one factor twice in a batch), tokens and their ends, locks,
/// deletions; now and then one of several blocks of the log.
class workload {
 public:
  /// `life` keeps the ids of one store's lives apart.
  workload(engine& store, std::uint64_t seed, unsigned life);

  /// One batch. The sequence that the log ends with then; nothing where it failed.
  [[nodiscard]] std::optional<std::uint64_t> run_batch();

 private:
  [[nodiscard]] std::vector<event_record> some_events();
  [[nodiscard]] std::string some_user();
  [[nodiscard]] std::uint64_t up_to(std::uint64_t most);

  engine& store_;
  std::mt19937_64 random_;
  const std::string prefix_;
  commit_queue queue_;
  std::vector<std::string> users_;
  std::vector<event_record> tokens_;  ///< as they were added
  std::int64_t now_ = 1'000'000;
};

[[nodiscard]] std::uint64_t last_sequence(const log_source& store);

/// The values of all events, in order.
[[nodiscard]] std::vector<std::string> all_events(const log_source& store);

}  // namespace factord::storage::testing
