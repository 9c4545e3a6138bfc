#pragma once

#include <optional>

#include "storage/base/error.hpp"
#include "storage/commit/command.hpp"
#include "storage/commit/commit_queue.hpp"
#include "storage/engine/engine.hpp"

namespace factord::storage {

/// Commits commands one at a time, each as a batch of its own, on the thread that calls: for
/// programs that fill a store which nobody serves.
class single_commits {
 public:
  /// Calls the engine's writers, so nobody else may.
  explicit single_commits(engine& store);

  /// With `now` as the time of its events. The command is done when this returns; fails with
  /// errc::storage_failed where the batch could not be written, with errc::unavailable where the
  /// store did not take it, or as engine::load where something could not be read, and then every
  /// time.
  [[nodiscard]] result<void> commit(command& one, timestamp now);

 private:
  std::optional<error> failure_;
  commit_queue queue_;
};

}  // namespace factord::storage
