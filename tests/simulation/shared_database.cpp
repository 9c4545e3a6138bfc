#include "tests/simulation/shared_database.hpp"

#include <string>

namespace factord::simulation {

shared_database::shared_database(const surroundings& around)
    : around_(around),
      tokens_(fill_store(first_, around.run)),
      databases_(
          around.time, around.random, around.run,
          [this](const std::string& what) { around_.log.add("database", what); }, around.changed,
          around.lost, database_tables{first_}),
      opened_(around.run.servers) {}

std::unique_ptr<storage::engine> shared_database::open(std::size_t server, simulated_thread& on) {
  auto made = std::make_unique<database_engine>(
      databases_, on, [this, server](std::string_view text) { take_notice(server, text); });
  opened_[server] = made.get();
  return made;
}

void shared_database::take_notice(std::size_t server, std::string_view text) {
  around_.log.add("server " + std::to_string(server), text);
  if (text.ends_with("was not known was done")) ++around_.resolved.done;
  if (text.ends_with("was not known was not done")) ++around_.resolved.not_done;
  if (text.starts_with("how a commit ended could not")) ++around_.resolved.never_known;
}

bool shared_database::died(std::size_t server, bool) {
  opened_[server] = nullptr;
  return false;
}

void shared_database::plan(const planner& plan) {
  const database_options& how = around_.run.of_database;
  plan(how.cuts, [this](std::size_t server) {
    if (opened_[server] != nullptr) opened_[server]->cut();
  });
  plan(how.ended_sessions, [this](std::size_t) { databases_.any().end_a_session(); });
  plan(how.cancelled_waits, [this](std::size_t) { databases_.any().cancel_wait(); });
  plan(how.standby_losses, [this](std::size_t) {
    databases_.any().lose_standby(moment{around_.random.between(1'000, 120'000)});
  });
  plan(how.restarts, [this](std::size_t) { databases_.any().restart(); });
  plan(how.failovers, [this](std::size_t) { databases_.newest().fail_over(); });
  plan(how.splits, [this](std::size_t) { databases_.split(); });
  plan(how.restores, [this](std::size_t) { databases_.newest().make_backup(); });
  plan(how.restores, [this](std::size_t) { databases_.newest().put_back(); });
}

// Whatever was sent arrives, and whatever waits gives up or is done.
void shared_database::settle() {
  const moment end = around_.time.now() + std::chrono::seconds{10};
  while (around_.time.run_next(end)) {
  }
}

}  // namespace factord::simulation
