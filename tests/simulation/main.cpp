// Deterministic simulation: a seed is a run of clients, network, server and crashes, on one thread
// and under a virtual clock. The same seed is the same run, to the byte.
//
//   simulation [--first SEED] [--seeds N]   N runs (default 500); every 16th is done twice
//   simulation --seed SEED                  one run, with all that happens in it
//   … --store database                      with a PostgreSQL under the servers

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <unistd.h>

#include "tests/simulation/world.hpp"

namespace {

using namespace factord::simulation;

struct options {
  std::uint64_t first = 1;
  std::uint64_t seeds = 500;
  bool shown = false;
  bool database = false;
};

// For a FACTORD_CHECK, which aborts: what to run again.
std::string running;  // NOLINT: read by the signal handler

void on_abort(int) {
  [[maybe_unused]] const auto ignored = ::write(STDOUT_FILENO, running.data(), running.size());
}

bool parse(int argc, char** argv, options& out) {
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const std::uint64_t value = std::strtoull(argv[i + 1], nullptr, 10);
    if (name == "--store") {
      out.database = std::string_view{argv[i + 1]} == "database";
      if (!out.database) return false;
    } else if (name == "--first") {
      out.first = value;
    } else if (name == "--seeds") {
      out.seeds = value;
    } else if (name == "--seed") {
      out = {value, 1, true, out.database};
    } else {
      return false;
    }
  }
  return argc % 2 == 1;
}

run_result run(std::uint64_t seed, const options& with, bool shown) {
  return world(seed, with.database, shown).run();
}

void run_seed(std::uint64_t seed, const options& with, run_result& sum) {
  const run_result once = run(seed, with, with.shown);
  sum.answers += once.answers;
  sum.events += once.events;
  sum.crashes += once.crashes;
  sum.refusals += once.refusals;
  sum.resolved.done += once.resolved.done;
  sum.resolved.not_done += once.resolved.not_done;
  sum.resolved.never_known += once.resolved.never_known;
  if (with.shown)
    std::printf("trace hash %016llx\n", static_cast<unsigned long long>(once.trace_hash));
  if (seed % 16 != 0 || with.shown) return;
  if (run(seed, with, false).trace_hash != once.trace_hash)
    throw violation{"two runs of it differ"};
}

void tell(const options& with, const run_result& sum) {
  const auto number = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
  std::printf(
      "%llu runs: %llu answers checked, %llu events, %llu crashes, %llu batches decided again\n",
      number(with.seeds), number(sum.answers), number(sum.events), number(sum.crashes),
      number(sum.refusals));
  if (!with.database) return;
  std::printf(
      "of commits whose outcome was not known: %llu done, %llu not done, %llu not found out\n",
      number(sum.resolved.done), number(sum.resolved.not_done), number(sum.resolved.never_known));
}

// Of a number of runs: else what happens then was not looked at.
bool saw_all(const options& with, const run_result& sum) {
  const bool few = !with.database || with.seeds < 100;
  if (few || (sum.resolved.done > 0 && sum.resolved.not_done > 0)) return true;
  std::printf("an outcome of commits that are found out about was never met\n");
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  options with;
  if (!parse(argc, argv, with)) {
    std::fprintf(
        stderr,
        "usage: simulation [--store database] ([--first SEED] [--seeds N] | --seed SEED)\n");
    return 2;
  }
  std::signal(SIGABRT, on_abort);
  run_result sum;
  for (std::uint64_t seed = with.first; seed < with.first + with.seeds; ++seed) {
    running = "seed " + std::to_string(seed) + " failed; again: " + argv[0] +
              (with.database ? " --store database" : "") + " --seed " + std::to_string(seed) + "\n";
    try {
      run_seed(seed, with, sum);
    } catch (const violation& broken) {
      std::printf("%s\n%s", broken.what.c_str(), running.c_str());
      return 1;
    }
  }
  tell(with, sum);
  return saw_all(with, sum) ? 0 : 1;
}
