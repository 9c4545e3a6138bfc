#pragma once

#include <cstddef>
#include <cstdint>

#include "server/base/limits.hpp"
#include "storage/engine/engine.hpp"
#include "tests/simulation/random.hpp"

namespace factord::simulation {

/// What a run is like; all of it follows from the seed. Each run leaves some kinds of trouble out
/// and has more of others, so that no kind hides another.
struct run_options {
  std::uint64_t seed = 0;
  storage::durability mode = storage::durability::disk;
  std::size_t servers = 1;   ///< on one store
  std::uint32_t shards = 1;  ///< of each
  std::size_t clients = 1;
  std::size_t users = 1;
  std::size_t requests = 100;  ///< of each client
  std::size_t pipeline = 1;    ///< at most so many unanswered on a connection
  limits bounds;

  std::size_t inline_reads = 100;    ///< percent of look-ups that the engine answers at once
  std::size_t commit_time_us = 200;  ///< at most
  std::size_t crashes = 0;
  std::size_t write_errors = 0;
  std::size_t refusals = 0;     ///< times when a server's store is unavailable, or too busy
  std::size_t clock_steps = 0;  ///< of the wall clock, back and forth
  std::size_t disconnects = 0;  ///< percent of a client's steps
  std::size_t stalls = 0;       ///< percent of requests that stop half way
  std::size_t deadlines = 0;    ///< percent of removals with one
  std::size_t removals = 50;    ///< percent of requests
  std::size_t lives = 0;        ///< percent of requests that are only whether it lives
};

inline run_options draw_options(std::uint64_t seed) {
  random_bits random(seed * 2 + 1);
  run_options run;
  run.seed = seed;
  if (random.percent(30)) run.mode = storage::durability::process;
  run.shards = static_cast<std::uint32_t>(random.between(1, 3));
  run.clients = random.between(1, 8);
  run.users = random.between(1, 6);
  run.requests = random.between(10, 60);
  run.pipeline = random.percent(40) ? 1 : random.between(2, 8);
  run.inline_reads = random.percent(50) ? 100 : random.below(100);
  run.commit_time_us = random.percent(50) ? 200 : random.between(1, 20'000);
  if (random.percent(60)) run.crashes = random.between(1, 4);
  if (random.percent(30)) run.write_errors = random.between(1, 3);
  if (random.percent(40)) run.disconnects = random.between(1, 15);
  if (random.percent(20)) run.stalls = random.between(1, 10);
  if (random.percent(40)) run.deadlines = random.between(1, 50);
  run.removals = random.between(10, 70);
  if (random.percent(30)) run.lives = random.between(1, 95);
  // Clients that send far more at once than is answered at once, until no buffer holds it.
  if (random.percent(10)) {
    run.pipeline = random.between(100, 600);
    run.requests = random.between(300, 900);
    run.lives = random.between(50, 99);
  }
  if (random.percent(20)) run.bounds.all_buffers_bytes = random.between(20'000, 200'000);
  if (random.percent(40)) run.clock_steps = random.between(1, 4);

  if (random.percent(35)) {
    run.servers = 3;
    run.mode = storage::durability::disk;  // what others rely on is durable
    if (random.percent(60)) run.refusals = random.between(1, 12);
  }

  run.bounds.pipelined_requests = random.between(1, 8);
  run.bounds.output_bytes = random.percent(30) ? random.between(500, 4'000) : 256U << 10U;
  run.bounds.commit.batch_commands = random.percent(50) ? random.between(1, 8) : 4'096;
  run.bounds.commit.queue_commands = random.percent(30) ? random.between(1, 8) : 65'536;
  return run;
}

}  // namespace factord::simulation
