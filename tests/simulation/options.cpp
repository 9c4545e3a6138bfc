#include "tests/simulation/options.hpp"

#include <chrono>

#include "tests/simulation/random.hpp"

namespace factord::simulation {
namespace {

/// The same trouble in a hundredth of the time: a run is short.
storage::session_rules draw_rules(random_bits& random) {
  using std::chrono::milliseconds;
  storage::session_rules rules;
  rules.connect_time = milliseconds{random.between(10, 40)};
  rules.load_time = milliseconds{random.between(20, 60)};
  rules.lock_time = milliseconds{random.between(5, 20)};
  rules.commit_time = milliseconds{random.between(5, 40)};
  rules.resolve_time = milliseconds{random.between(40, 120)};
  rules.resolve_pause = milliseconds{random.between(1, 5)};
  rules.idle_transaction_time = milliseconds{random.between(20, 60)};
  rules.read_time = milliseconds{random.between(20, 60)};
  rules.lease_time = milliseconds{random.between(3, 30)};
  rules.look_time = milliseconds{random.between(10, 40)};
  rules.locked_batches = static_cast<unsigned>(random.between(1, 16));
  return rules;
}

database_options draw_database(random_bits& random) {
  const auto often = [&random](std::size_t chance, std::size_t most) {
    return random.percent(chance) ? random.between(1, most) : 0;
  };
  database_options made;
  made.rules = draw_rules(random);
  made.slow_messages = often(60, 8);
  made.slowest_us = random.between(1'000, 80'000);
  made.failures = often(30, 5);
  made.vague_commits = often(30, 20);
  made.refusals = often(30, 20);
  made.cuts = often(60, 12);
  made.ended_sessions = often(50, 6);
  made.cancelled_waits = often(60, 30);
  made.standby_losses = often(40, 4);
  made.restarts = often(40, 3);
  made.failovers = often(50, 3);
  made.splits = often(50, 3);
  made.restores = random.percent(10) ? 1 : 0;
  return made;
}

}  // namespace

run_options draw_options(std::uint64_t seed, bool database) {
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
  if (random.percent(50)) run.matches = random.between(5, 80);
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
  if (database) {
    run.database = true;
    run.mode = storage::durability::disk;
    run.servers = random.between(2, 3);
    run.write_errors = run.refusals = 0;
    run.of_database = draw_database(random);
  }
  run.twice = random.percent(25);
  if (seed % 3 == 0) run.followers = 1 + seed / 3 % 4;
  if (random.percent(50)) run.keys = random.between(5, 90);
  run.bounds.retry_window = std::chrono::hours(24 * 30);
  if (random.percent(40))
    run.bounds.retry_window = std::chrono::milliseconds(random.between(1, 500));
  if (random.percent(40)) run.bulk_clients = random.between(1, 3);
  run.bounds.bulk_lines = random.percent(50) ? random.between(1, 8) : 64;
  if (random.percent(30)) run.dry_runs = random.between(1, 40);
  // So many factors that most lines of a bulk find one.
  if (run.bulk_clients > 0 && random.percent(50)) run.users = random.between(20, 80);
  return run;
}

}  // namespace factord::simulation
