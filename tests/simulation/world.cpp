#include "tests/simulation/world.hpp"

#include "storage/audit/verify.hpp"

namespace factord::simulation {
namespace {

// Clients that take turns with crashes are through long before that.
constexpr std::chrono::minutes patience{30};

}  // namespace

world::world(std::uint64_t seed, bool shown)
    : run_(draw_options(seed)),
      random_(seed),
      trace_(time_, shown),
      store_("store", run_.mode),
      tokens_(fill_store(store_, run_)) {
  if (run_.mode == storage::durability::process) static_cast<void>(store_.sync());
  model_.see_log();
  model_.adopt_log();
  for (const known_token& one : tokens_) model_.learn_token(one);
  start_server();
  for (std::size_t i = 0; i <= run_.clients; ++i) {
    clients_.push_back(std::make_unique<client>(
        client::surroundings{time_, random_, run_, trace_, model_, tokens_, server_}, i));
  }
  plan_trouble();
}

void world::plan_trouble() {
  for (std::size_t i = 0; i < run_.crashes; ++i) {
    time_.after(moment{random_.between(500, 80'000)}, [this] { end_process(random_.percent(70)); });
  }
  for (std::size_t i = 0; i < run_.clock_steps; ++i) {
    time_.after(moment{random_.between(500, 80'000)}, [this] { step_wall_clock(); });
  }
  for (std::size_t i = 0; i < run_.write_errors; ++i) {
    time_.after(moment{random_.between(500, 80'000)},
                [this] { store_.fail_commit(random_.between(1, 4), random_.percent(50)); });
  }
}

void world::step_wall_clock() {
  const auto day = static_cast<std::size_t>(moment{std::chrono::hours{24}}.count());
  wall_offset_ = moment{random_.below(2 * day)} - moment{day};
  trace_.add("clock", "is off by " + std::to_string(wall_offset_.count()) + " us");
}

void world::start_server() {
  trace_.add("server", "starts");
  server_ = std::make_unique<simulated_server>(simulated_server::surroundings{
      time_, random_, wall_offset_, run_, trace_, store_,
      [this] {
        model_.see_log();
        trace_.add("log", "ends at " + std::to_string(model_.past().last()));
      },
      [this] { model_.settle(); },
      [this] {
        trace_.add("store", "fails");
        store_failed_ = true;
      },
      [this] { time_.after(moment{random_.between(1, 20'000)}, [this] { end_process(true); }); }});
}

void world::end_process(bool power_cut) {
  if (server_ == nullptr || ending_) return;
  trace_.add("server", power_cut ? "loses its power" : "is killed");
  ending_ = true;
  power_cut_ = power_cut;
  server_->die();
}

/// What it had sent arrives; the disk keeps what it promised; another one starts.
void world::bury_process() {
  for (const auto& one : clients_) one->server_died();
  server_.reset();
  model_.see_log();
  const bool power_cut = power_cut_ || store_failed_;
  if (power_cut) store_.lose_volatile();
  std::uint64_t found = 0;
  store_.read_states({}, [&](result<storage::states_answer> read) { found = read->head.sequence; });
  trace_.add("log", "is found up to " + std::to_string(found));
  model_.recovered(found, power_cut && run_.mode == storage::durability::process);
  ++crashes_;
  ending_ = false;
  store_failed_ = false;
  time_.after(moment{random_.between(1, 5'000)}, [this] { start_server(); });
}

bool world::all_done() const {
  for (const auto& one : clients_) {
    if (!one->done()) return false;
  }
  return true;
}

run_result world::run() {
  while (!all_done()) {
    try {
      if (!time_.run_next(patience)) {
        for (const auto& one : clients_) {
          if (!one->done()) throw violation{"no answer ever comes: " + one->unanswered()};
        }
      }
    } catch (const process_died&) {
    }
    if (ending_) bury_process();
  }
  check_end();
  return {trace_.hash(), model_.checked(), model_.past().last(), crashes_};
}

void world::check_end() {
  server_.reset();
  model_.see_log();
  model_.check_owners();
  const auto report = storage::verify(store_, {});
  if (!report) throw violation{"the store cannot be read: " + report.error().message};
  if (!report->problems.empty()) throw violation{"verify: " + report->problems.front()};
}

}  // namespace factord::simulation
