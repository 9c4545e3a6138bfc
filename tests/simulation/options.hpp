#pragma once

#include <cstddef>
#include <cstdint>

#include "server/base/limits.hpp"
#include "storage/engine/engine.hpp"
#include "storage/postgres/session_rules.hpp"

namespace factord::simulation {

/// What a database under the servers is like, where there is one.
struct database_options {
  storage::session_rules rules;
  std::size_t slow_messages = 2;    ///< percent
  std::size_t slowest_us = 30'000;  ///< of those
  std::size_t failures = 0;         ///< percent of statements
  std::size_t vague_commits = 0;    ///< percent
  std::size_t refusals = 0;         ///< percent of connections
  std::size_t cuts = 0;             ///< of connections
  std::size_t ended_sessions = 0;
  std::size_t cancelled_waits = 0;
  std::size_t standby_losses = 0;
  std::size_t restarts = 0;
  std::size_t failovers = 0;
  std::size_t splits = 0;    ///< failovers that the old database lives through
  std::size_t restores = 0;  ///< of a backup, by which what was answered is lost
};

/// What a run is like; all of it follows from the seed. Each run leaves some kinds of trouble out
/// and has more of others, so that no kind hides another.
struct run_options {
  std::uint64_t seed = 0;
  storage::durability mode = storage::durability::disk;
  bool database = false;     ///< the store is on one
  std::size_t servers = 1;   ///< on one store
  std::uint32_t shards = 1;  ///< of each
  std::size_t clients = 1;
  std::size_t bulk_clients = 0;
  std::size_t users = 1;
  std::size_t requests = 100;  ///< of each client
  std::size_t pipeline = 1;    ///< at most so many unanswered on a connection
  limits bounds;

  std::size_t inline_reads = 100;    ///< percent of look-ups that the engine answers at once
  std::size_t commit_time_us = 200;  ///< at most
  std::size_t crashes = 0;
  std::size_t write_errors = 0;
  std::size_t refusals = 0;     ///< times when a server's store is unavailable, or too busy
  bool twice = false;           ///< every batch is decided twice, and must say the same
  std::size_t clock_steps = 0;  ///< of the wall clock, back and forth
  std::size_t disconnects = 0;  ///< percent of a client's steps
  std::size_t stalls = 0;       ///< percent of requests that stop half way
  std::size_t deadlines = 0;    ///< percent of removals with one
  std::size_t removals = 50;    ///< percent of requests
  std::size_t matches = 0;      ///< percent of writes that are on a condition
  std::size_t keys = 0;         ///< percent of writes that have an Idempotency-Key
  std::size_t dry_runs = 0;     ///< percent of the removals of bulks
  std::size_t lives = 0;        ///< percent of requests that are only whether it lives
  std::size_t followers = 0;    ///< so many read the log as a stream
  database_options of_database;
};

[[nodiscard]] run_options draw_options(std::uint64_t seed, bool database);

}  // namespace factord::simulation
