// Deterministic simulation: a seed is a run of clients, network, server and crashes, on one thread
// and under a virtual clock. The same seed is the same run, to the byte.
//
//   simulation [--first SEED] [--seeds N]   N runs (default 500); every 16th is done twice
//   simulation --seed SEED                  one run, with all that happens in it

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
    if (name == "--first") {
      out.first = value;
    } else if (name == "--seeds") {
      out.seeds = value;
    } else if (name == "--seed") {
      out = {value, 1, true};
    } else {
      return false;
    }
  }
  return argc % 2 == 1;
}

run_result run(std::uint64_t seed, bool shown) { return world(seed, shown).run(); }

void run_seed(std::uint64_t seed, bool shown, run_result& sum) {
  const run_result once = run(seed, shown);
  sum.answers += once.answers;
  sum.events += once.events;
  sum.crashes += once.crashes;
  sum.refusals += once.refusals;
  if (shown) std::printf("trace hash %016llx\n", static_cast<unsigned long long>(once.trace_hash));
  if (seed % 16 != 0 || shown) return;
  if (run(seed, false).trace_hash != once.trace_hash) throw violation{"two runs of it differ"};
}

}  // namespace

int main(int argc, char** argv) {
  options with;
  if (!parse(argc, argv, with)) {
    std::fprintf(stderr, "usage: simulation [--first SEED] [--seeds N] | --seed SEED\n");
    return 2;
  }
  std::signal(SIGABRT, on_abort);
  run_result sum;
  for (std::uint64_t seed = with.first; seed < with.first + with.seeds; ++seed) {
    running = "seed " + std::to_string(seed) + " failed; again: " + argv[0] + " --seed " +
              std::to_string(seed) + "\n";
    try {
      run_seed(seed, with.shown, sum);
    } catch (const violation& broken) {
      std::printf("%s\n%s", broken.what.c_str(), running.c_str());
      return 1;
    }
  }
  const auto number = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
  std::printf(
      "%llu runs: %llu answers checked, %llu events, %llu crashes, %llu batches decided again\n",
      number(with.seeds), number(sum.answers), number(sum.events), number(sum.crashes),
      number(sum.refusals));
  return 0;
}
