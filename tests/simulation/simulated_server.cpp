#include "tests/simulation/simulated_server.hpp"

#include <algorithm>
#include <utility>

#include "storage/base/check.hpp"

namespace factord::simulation {

struct simulated_server::connection {
  connection(const protocol::session_environment& with, protocol::surface routes,
             service::ticket ticket, std::shared_ptr<pipe> out)
      : name(ticket), session(with, routes, ticket), to_client(std::move(out)) {}

  const service::ticket name;
  protocol::session session;
  const std::shared_ptr<pipe> to_client;
  std::string input;
  bool ended = false;       ///< by the client: no more input
  bool ended_told = false;  ///< and the session knows
  bool pumping = false;
  bool finished = false;
  bool blocked = false;  ///< the client is slow: output waits
};

struct simulated_server::shard {
  shard(std::uint32_t which, const run_options& run, const protocol::api& interface,
        service::environment with, timestamp now)
      : index(which),
        date(now),
        calls(which),
        users(std::move(with)),
        environment{run.bounds, date, interface, users, calls} {}

  const std::uint32_t index;
  protocol::date_clock date;
  service::call_pool calls;
  service::user_service users;
  const protocol::session_environment environment;
  net::slab<connection> connections;
  net::mailbox<storage::command*> completions;
  std::vector<storage::command*> batch;
};

simulated_server::simulated_server(const surroundings& around)
    : around_(around),
      engine_(around.store,
              {around.time, around.random, around.run, dying_, around.committed, around.broken,
               [this](std::function<void()> task) {
                 later(moment{around_.random.between(1, 2'000)}, std::move(task));
               }}),
      api_({around.run.bounds, state_, tally_, around.run.mode, wall_clock(), {}}),
      queue_(engine_, around.run.bounds.commit, hooks(), around.run.shards) {
  state_.advance(readiness::ready);
  for (std::uint32_t i = 0; i < around.run.shards; ++i) {
    const auto steady = [this] {
      return std::chrono::steady_clock::time_point(around_.time.now());
    };
    const auto draw = [this](std::span<unsigned char> out) {
      for (unsigned char& byte : out) byte = static_cast<unsigned char>(around_.random.next());
    };
    shards_.push_back(std::make_unique<shard>(
        i, around.run, api_,
        service::environment{engine_, queue_, generation_, tally_, [this] { return wall_clock(); },
                             steady, draw, wall_clock(),
                             [this, i](std::function<void()> task) {
                               if (running_ == shards_[i].get()) return task();
                               later(hand_off(), [this, i, task = std::move(task)] {
                                 on_shard(*shards_[i], task);
                               });
                             },
                             [this](service::call& done) { deliver(done); }},
        wall_clock()));
  }
  later(std::chrono::seconds(1), [this] { sweep_step(); });
  if (around.run.mode == storage::durability::process) {
    later(std::chrono::milliseconds(100), [this] { sync_step(); });
  }
}

simulated_server::~simulated_server() = default;

timestamp simulated_server::wall_clock() const {
  return timestamp{std::chrono::hours{24 * 20'000}} + around_.time.now();
}

/// Runs it unless the process has died by then. Whose thread it runs on, it says itself.
void simulated_server::later(moment delay, std::function<void()> run) {
  around_.time.after(delay, [this, weak = std::weak_ptr<bool>(alive_), run = std::move(run)] {
    if (weak.expired() || dying_) return;
    shard* const before = std::exchange(running_, nullptr);
    run();
    running_ = before;
  });
}

void simulated_server::on_shard(shard& home, const std::function<void()>& run) {
  shard* const before = std::exchange(running_, &home);
  run();
  running_ = before;
  wake_commit_thread();
}

storage::commit_hooks simulated_server::hooks() {
  storage::commit_hooks made;
  made.committed = [this](std::span<const storage::event_type> types) {
    tally_.committed(types);
    if (std::any_of(types.begin(), types.end(), storage::affects_tokens)) generation_.raise();
    around_.settled();
  };
  made.complete = [this](std::uint32_t index, std::span<storage::command* const> done) {
    shard& home = *shards_[index];
    if (!home.completions.put(done)) return;
    later(hand_off(), [this, &home] { on_shard(home, [this, &home] { take_completions(home); }); });
  };
  made.failed = [this](const error&) {
    state_.advance(readiness::storage_failed);
    around_.failed();
  };
  return made;
}

// Whatever a shard did may have put something into the queue.
void simulated_server::wake_commit_thread() {
  if (commit_thread_busy_ || std::exchange(commit_thread_woken_, true)) return;
  later(moment{around_.random.between(1, 100)}, [this] { commit_step(); });
}

void simulated_server::commit_step() {
  commit_thread_woken_ = false;
  commit_thread_busy_ = true;
  const bool worked = queue_.run_batch(wall_clock());
  commit_thread_busy_ = false;
  if (worked) wake_commit_thread();
}

void simulated_server::sync_step() {
  if (!commit_thread_busy_ && !queue_.failed()) static_cast<void>(engine_.sync());
  later(std::chrono::milliseconds(100), [this] { sync_step(); });
}

void simulated_server::sweep_step() {
  for (const auto& home : shards_) {
    on_shard(*home, [&] {
      home->date.set(wall_clock());
      home->connections.for_each([&](connection& mine) {
        mine.session.sweep(std::chrono::steady_clock::time_point(around_.time.now()),
                           mine.session.wants_input());
        pump(mine);
      });
    });
  }
  later(std::chrono::seconds(1), [this] { sweep_step(); });
}

service::ticket simulated_server::accept(protocol::surface routes,
                                         std::shared_ptr<pipe> to_client) {
  shard& home = *shards_[next_shard_++ % shards_.size()];
  const auto name = home.connections.reserve();
  const service::ticket ticket{home.index, name.slot, name.generation};
  home.connections.put(
      name, std::make_unique<connection>(home.environment, routes, ticket, std::move(to_client)));
  return ticket;
}

simulated_server::connection* simulated_server::find(const service::ticket& name) {
  return shards_[name.shard]->connections.find({name.slot, name.generation});
}

void simulated_server::receive(const service::ticket& name, std::string_view piece) {
  if (dying_) return;
  connection* const mine = find(name);
  if (mine == nullptr || mine->ended || mine->finished) return;
  mine->input += piece;
  mine->ended = piece.empty();
  on_shard(*shards_[name.shard], [&] { pump(*mine); });
}

void simulated_server::disconnect(const service::ticket& name) {
  if (find(name) != nullptr) shards_[name.shard]->connections.erase({name.slot, name.generation});
}

// As net::connection does it.
void simulated_server::pump(connection& mine) {
  if (mine.finished || mine.pumping) return;
  mine.pumping = true;
  mine.session.set_time(std::chrono::steady_clock::time_point(around_.time.now()));
  std::size_t taken = 0;
  do {
    taken = mine.session.receive(mine.input);
    FACTORD_CHECK(taken <= mine.input.size());
    mine.input.erase(0, taken);
    flush(mine);
  } while (mine.session.wants_input() &&
           ((taken > 0 && !mine.input.empty()) || mine.session.has_request()));
  if (mine.ended && !mine.ended_told && mine.session.wants_input()) {
    mine.ended_told = true;
    mine.input.clear();
    mine.session.end_of_input();
  }
  mine.pumping = false;
  if (!mine.session.finished() || !mine.session.output().empty()) return;
  mine.finished = true;
  mine.to_client->end();
}

// A client that reads slowly leaves us with bytes; then the rest goes out later.
void simulated_server::flush(connection& mine) {
  std::string& out = mine.session.output();
  if (mine.blocked || out.empty()) return;
  const std::size_t sent =
      around_.random.percent(90) ? out.size() : around_.random.below(out.size());
  mine.to_client->send(std::string_view(out).substr(0, sent));
  out.erase(0, sent);
  if (out.empty()) return;
  mine.blocked = true;
  later(moment{around_.random.between(1, 3'000)}, [this, name = mine.name] {
    connection* const same = find(name);
    if (same == nullptr) return;
    same->blocked = false;
    on_shard(*shards_[name.shard], [&] {
      flush(*same);
      pump(*same);
    });
  });
}

void simulated_server::take_completions(shard& home) {
  home.completions.take(home.batch);
  std::vector<connection*> to_pump;
  for (storage::command* const done : home.batch) {
    auto& work = static_cast<service::call&>(*done);
    connection* const owner = find(work.way_back);
    if (owner == nullptr) {
      home.calls.release(work);
      continue;
    }
    owner->session.complete(work);
    to_pump.push_back(owner);
  }
  for (connection* const owner : to_pump) pump(*owner);
}

void simulated_server::deliver(service::call& done) {
  connection* const owner = find(done.way_back);
  if (owner == nullptr) return shards_[done.way_back.shard]->calls.release(done);
  owner->session.complete(done);
  pump(*owner);
}

}  // namespace factord::simulation
