#include "tests/simulation/shared_memory.hpp"

#include "storage/commit/backoff.hpp"

namespace factord::simulation {

shared_memory::shared_memory(const run_options& run, random_bits& random)
    : run_(run),
      random_(random),
      store_(std::make_shared<storage::memory_store>("store", run.mode)),
      tokens_(fill_store(view_, run)),
      opened_(run.servers) {
  if (run.mode == storage::durability::process) store_->sync();
}

std::unique_ptr<storage::engine> shared_memory::open(std::size_t server, simulated_thread&) {
  auto made = std::make_unique<storage::memory_engine>(store_);
  opened_[server] = made.get();
  return made;
}

// A disk that others use as well goes on with them.
bool shared_memory::died(std::size_t server, bool power_cut) {
  opened_[server] = nullptr;
  if (run_.servers > 1) return false;
  if (power_cut) store_->lose_volatile();
  return true;
}

void shared_memory::plan(const planner& plan) {
  plan(run_.write_errors, [this](std::size_t server) {
    if (opened_[server] == nullptr) return;
    opened_[server]->fail_commit(random_.between(1, 4), random_.percent(50));
  });
  plan(run_.refusals, [this](std::size_t server) {
    if (opened_[server] != nullptr) order_refusals(*opened_[server]);
  });
}

// Sometimes more than a batch tries.
void shared_memory::order_refusals(storage::memory_engine& of) {
  const std::size_t times = random_.between(1, 2 * storage::retry_rules{}.attempts);
  if (random_.percent(30)) return of.refuse_loads(times);
  of.refuse_commits(times, random_.percent(50) ? storage::commit_status::conflict
                                               : storage::commit_status::unavailable);
}

// A commit that is in doubt is found now, or never.
void shared_memory::settle() {
  storage::state_table nothing;
  static_cast<void>(view_.load(nothing));
  view_.abandon();
}

}  // namespace factord::simulation
