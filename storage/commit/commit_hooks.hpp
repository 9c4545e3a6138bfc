#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>

#include "storage/base/error.hpp"
#include "storage/commit/batch_report.hpp"
#include "storage/commit/command.hpp"
#include "storage/engine/engine.hpp"
#include "storage/model/event.hpp"

namespace factord::storage {

/// Who is told. All are called on the commit thread.
struct commit_hooks {
  /// The types of the events of a batch, after it is visible to readers, before any completion.
  std::function<void(std::span<const event_type> types)> committed;
  /// The token epoch of the log (log_head) is another than was told last; 0 is known. Whoever has
  /// raised it: before any completion of a batch that has seen it.
  std::function<void(std::uint64_t epoch)> tokens_changed;
  /// Why one command could not be loaded (commit_outcome::load_failed), before its completion.
  std::function<void(const error& cause)> unreadable;
  /// Why a batch was not taken, the last time that it was tried: conflict or unavailable; or that
  /// it is unknown whether it was. Before its completions.
  std::function<void(commit_status how, const error& cause)> refused;
  /// The store that was unavailable takes batches again.
  std::function<void()> available;
  /// The finished commands of one shard, in order of submission: one call per batch and shard.
  std::function<void(std::uint32_t shard, std::span<command* const> done)> complete;
  /// The first failure of the store, once, before the failed batch is completed: whoever hears of
  /// the failure from an answer finds the process not ready. Of background work, also while no
  /// command is waiting.
  std::function<void(const error& failure)> failed;
  /// What a batch took, before its completions: whoever has an answer finds it counted.
  std::function<void(const batch_report& took)> measured = {};
  /// How long a sync took that was of no batch (mode `process`).
  std::function<void(std::chrono::nanoseconds took)> synced = {};
};

}  // namespace factord::storage
