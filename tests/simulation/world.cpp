#include "tests/simulation/world.hpp"

#include <utility>

#include "storage/audit/verify.hpp"
#include "tests/simulation/shared_memory.hpp"

namespace factord::simulation {
namespace {

// Clients that take turns with crashes are through long before that.
constexpr std::chrono::minutes patience{30};

}  // namespace

world::world(std::uint64_t seed, bool database, bool shown)
    : run_(draw_options(seed, database)),
      random_(seed),
      trace_(time_, shown),
      store_(make_store()),
      model_(store_->view(), run_),
      tokens_(store_->tokens()),
      deaths_(run_.servers),
      servers_(run_.servers) {
  model_.see_log();
  model_.adopt_log();
  for (const known_token& one : tokens_) model_.learn_token(one);
  for (std::size_t i = 0; i < run_.servers; ++i) start_server(i);
  const client::surroundings around{time_, random_, run_, trace_, model_, tokens_, servers_};
  for (std::size_t i = 0; i <= run_.clients; ++i)
    clients_.push_back(std::make_unique<client>(around, i));
  for (std::size_t i = 0; i < run_.bulk_clients; ++i)
    bulk_clients_.push_back(std::make_unique<bulk_client>(around, i));
  for (std::size_t i = 0; i < run_.followers; ++i) {
    followers_.push_back(std::make_unique<follower>(
        follower::surroundings{time_, random_, trace_, model_.past(), servers_, i % 2 != 0}));
  }
  plan_trouble();
}

std::unique_ptr<shared_store> world::make_store() {
  if (!run_.database) return std::make_unique<shared_memory>(run_, random_);
  return std::make_unique<shared_database>(
      shared_database::surroundings{time_, random_, run_, trace_, [this] { see_log(); },
                                    [this](bool answered) { lose_log(answered); }, resolved_});
}

void world::plan_trouble() {
  const auto some_time = [this](std::size_t times, const shared_store::trouble& trouble) {
    for (std::size_t i = 0; i < times; ++i) {
      time_.after(moment{random_.between(500, 80'000)}, [this, trouble] {
        if (!over_) trouble(random_.below(servers_.size()));
      });
    }
  };
  some_time(run_.crashes, [this](std::size_t which) { end_process(which, random_.percent(70)); });
  some_time(run_.clock_steps, [this](std::size_t) { step_wall_clock(); });
  store_->plan(some_time);
}

void world::step_wall_clock() {
  const auto day = static_cast<std::size_t>(moment{std::chrono::hours{24}}.count());
  wall_offset_ = moment{random_.below(2 * day)} - moment{day};
  trace_.add("clock", "is off by " + std::to_string(wall_offset_.count()) + " us");
}

void world::see_log() {
  const std::uint64_t before = model_.past().last();
  model_.see_log();
  if (model_.past().last() == before) return;
  trace_.add("log", "ends at " + std::to_string(model_.past().last()));
}

std::uint64_t world::last_in_store() const {
  std::uint64_t found = 0;
  store_->view().read_states(
      {}, [&](result<storage::states_answer> read) { found = read->head.sequence; });
  return found;
}

void world::lose_log(bool answered) {
  const std::uint64_t last = last_in_store();
  trace_.add("log", "has lost all but " + std::to_string(last));
  model_.lost_tail(last, answered);
  // Readers may have seen what a wait for a standby that was cancelled has left.
  for (const auto& one : followers_) one->log_found(last, true);
}

void world::start_server(std::size_t which) {
  if (over_) return;
  trace_.add("server " + std::to_string(which), "starts");
  servers_[which] = std::make_unique<simulated_server>(simulated_server::surroundings{
      time_, random_, wall_offset_, run_, trace_,
      [this, which](simulated_thread& on) { return store_->open(which, on); },
      [this] { see_log(); }, [this] { model_.settle(); }, [this] { ++refusals_; },
      [this, which] {
        trace_.add("server " + std::to_string(which), "has a commit that fails");
        deaths_[which].store_failed = true;
      },
      [this, which] {
        time_.after(moment{random_.between(1, 20'000)},
                    [this, which] { end_process(which, true); });
      },
      [which] { throw violation{"server " + std::to_string(which) + ": a load has no end"}; }});
}

void world::end_process(std::size_t which, bool power_cut) {
  if (servers_[which] == nullptr || deaths_[which].ending) return;
  trace_.add("server " + std::to_string(which), power_cut ? "loses its power" : "is killed");
  deaths_[which].ending = true;
  deaths_[which].power_cut = power_cut;
  servers_[which]->die();
}

/// What it had sent arrives; the disk keeps what it promised; another one starts.
void world::bury_process(std::size_t which) {
  for (const auto& one : clients_) one->server_died(which);
  for (const auto& one : bulk_clients_) one->server_died(which);
  for (const auto& one : followers_) one->server_died(which);
  servers_[which].reset();
  see_log();
  const death how = std::exchange(deaths_[which], {});
  const bool power_cut = how.power_cut || how.store_failed;
  if (store_->died(which, power_cut)) recover(power_cut);
  ++crashes_;
  time_.after(moment{random_.between(1, 5'000)}, [this, which] { start_server(which); });
}

void world::recover(bool power_cut) {
  const std::uint64_t found = last_in_store();
  trace_.add("log", "is found up to " + std::to_string(found));
  const bool may_lose = power_cut && run_.mode == storage::durability::process;
  model_.recovered(found, may_lose);
  for (const auto& one : followers_) one->log_found(found, may_lose);
}

bool world::all_done() const {
  for (const auto& one : clients_) {
    if (!one->done()) return false;
  }
  for (const auto& one : bulk_clients_) {
    if (!one->done()) return false;
  }
  for (const auto& one : followers_) {
    if (!one->caught_up()) return false;
  }
  return true;
}

run_result world::run() {
  while (!all_done()) {
    if (!time_.run_next(patience)) {
      for (const auto& one : clients_) {
        if (!one->done()) throw violation{"no answer ever comes: " + one->unanswered()};
      }
      for (const auto& one : bulk_clients_) {
        if (!one->done()) throw violation{"no answer ever comes: " + one->unanswered()};
      }
      for (const auto& one : followers_) {
        if (!one->caught_up()) throw violation{"no event ever comes: " + one->position()};
      }
    }
    for (std::size_t i = 0; i < servers_.size(); ++i) {
      if (deaths_[i].ending) bury_process(i);
    }
  }
  check_end();
  return {trace_.hash(), model_.checked(), model_.past().last(), crashes_, refusals_, resolved_};
}

void world::check_end() {
  over_ = true;
  for (auto& one : servers_) one.reset();
  store_->settle();
  model_.see_log();
  model_.check_owners();
  const auto report = storage::verify(store_->view(), {});
  if (!report) throw violation{"the store cannot be read: " + report.error().message};
  if (!report->problems.empty()) throw violation{"verify: " + report->problems.front()};
}

}  // namespace factord::simulation
