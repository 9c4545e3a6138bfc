#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "server/base/budget.hpp"
#include "server/service/counters.hpp"
#include "server/service/credentials/jwt_issuers.hpp"
#include "server/service/credentials/token_epoch.hpp"
#include "server/service/secrets.hpp"
#include "storage/base/clock.hpp"
#include "storage/commit/commit_queue.hpp"
#include "storage/engine/backup_job.hpp"
#include "storage/engine/engine.hpp"

namespace factord::service {

class call;

/// What a reset has made of a store: by the time that somebody hears of it there may be another.
struct fresh_store {
  std::string id;
  storage::log_head head;
};

/// What the service of one shard works with. Everything outlives it.
struct environment {
  storage::engine& store;
  storage::commit_queue& queue;
  newest_token_epoch& token_epoch;
  counters& tally;
  std::function<timestamp()> now;  ///< storage::engine::now; any thread
  std::function<std::chrono::steady_clock::time_point()> steady_now;  ///< any thread
  random_source random;                                               ///< any thread
  timestamp started_at;                                               ///< of the process, for stats

  /// Runs a function on the shard's thread: before it returns where it is called there, else soon.
  /// (The engine's readers may answer on a thread of their own.)
  std::function<void(std::function<void()>)> run_on_shard;

  /// Called on the shard's thread once for every call that start() was given and that did not go
  /// through the commit queue: inside start(), or later. (The others come out of the queue's hook.)
  std::function<void(call&)> deliver;

  /// True where the answer of a call still has somewhere to go; on the shard's thread. Empty:
  /// always.
  std::function<bool(const call&)> wanted = {};

  /// Null: no backups are made here.
  storage::backup_job* backups = nullptr;

  /// Called on the shard's thread for a write of which start() said that it is begun later, once it
  /// is in the commit queue: it is in that one's hands then. Empty: start() says so of none.
  std::function<void(call&)> submitted = {};

  /// Called on the shard's thread: from when it returns, and as long as `watched`, the service is
  /// to be told (user_service::log_grew) of what readers see of this process's commits. Empty:
  /// nobody tells it.
  std::function<void(bool watched)> watch_log = {};

  /// So long the answer to a write with an Idempotency-Key is kept.
  std::chrono::milliseconds retry_window = std::chrono::hours(24);

  /// Resets the store between two batches (storage::engine::reset), and says so on the commit
  /// thread, or at once. Empty: it is not to be reset.
  std::function<void(storage::engine::callback<fresh_store>)> reset_store = {};

  /// How many streams of events there may be at once. Null: any number.
  budget* streams = nullptr;

  /// Whose JWTs are taken. Null: nobody's, and what looks like one is a token of ours, or none.
  const jwt_issuers* issuers = nullptr;

  /// Called on the shard's thread: runs this there as well, behind what waits already, so that a
  /// long row of things has others in between. Empty: at once.
  std::function<void(std::function<void()>)> take_turn = {};
};

}  // namespace factord::service
