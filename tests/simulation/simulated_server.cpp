#include "tests/simulation/simulated_server.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "server/protocol/answer_round.hpp"
#include "server/protocol/connection_machine.hpp"
#include "server/protocol/run_steps.hpp"

namespace factord::simulation {

/// The real connection, with two pipes where net::connection has a socket.
struct simulated_server::connection {
  connection(simulated_server& server, const protocol::session_environment& with, budget& buffers,
             protocol::surface routes, service::ticket ticket, std::shared_ptr<pipe> out,
             protocol::connection_machine::time_point now)
      : owner(server),
        name(ticket),
        machine(with, buffers, nullptr, routes, ticket, now),
        to_client(std::move(out)) {}

  // What protocol::answer_round asks for.
  [[nodiscard]] bool complete(service::call& done) { return machine.complete(done); }
  [[nodiscard]] bool submitted(service::call& begun) { return machine.submitted(begun); }
  void answered();
  bool queued = false;

  [[nodiscard]] std::size_t buffered() const { return machine.buffered(); }

  simulated_server& owner;
  const service::ticket name;
  protocol::connection_machine machine;
  const std::shared_ptr<pipe> to_client;
  std::string arrived;       ///< and not read yet
  bool ended = false;        ///< by the client: no more arrives
  bool read_begun = false;   ///< its span is `lent`
  bool read_filled = false;  ///< and holds `filled` bytes, of which the machine does not know yet
  std::span<char> lent;
  std::size_t filled = 0;
  bool said_end = false;  ///< to the client
};

struct simulated_server::shard {
  shard(std::uint32_t which, const run_options& run, const protocol::api& interface,
        budget& bulk_lines, service::environment with, timestamp now)
      : index(which),
        date(now),
        calls(which),
        users(std::move(with)),
        environment{run.bounds, date, interface, users, calls, &bulk_lines, &names, &log} {}

  const std::uint32_t index;
  protocol::date_clock date;
  protocol::request_names names{index};
  protocol::access_log log{{access_level::all}, system_now, [](log::level, std::string_view) {}};
  service::call_pool calls;
  protocol::answer_round<connection> answers{
      calls, [this](const service::call& done) { log.note_unheard(done); }};
  service::user_service users;
  const protocol::session_environment environment;
  net::slab<connection> connections;
  net::mailbox<storage::command*> completions;
  std::vector<storage::command*> batch;
  bool log_watched = false;
  bool log_grew_posted = false;
};

simulated_server::simulated_server(const surroundings& around)
    : around_(around),
      commit_thread_(around.time),
      engine_(around.open(commit_thread_), {commit_thread_, around.random, around.run,
                                            around.committed, around.refused, around.broken,
                                            [this](std::function<void()> task) {
                                              later(moment{around_.random.between(1, 2'000)},
                                                    std::move(task));
                                            }}),
      api_({around.run.bounds, state_, around.run.mode, {}}),
      buffers_(around.run.bounds.all_buffers_bytes),
      bulk_lines_(protocol::bulk_share(around.run.bounds.commit)),
      queue_(engine_, around.run.bounds.commit, hooks(), around.run.shards, retries()) {
  state_.advance(readiness::ready);
  for (std::uint32_t i = 0; i < around.run.shards; ++i) {
    const auto steady = [this] { return now(); };
    const auto draw = [this](std::span<unsigned char> out) {
      for (unsigned char& byte : out) byte = static_cast<unsigned char>(around_.random.next());
    };
    shards_.push_back(std::make_unique<shard>(
        i, around.run, api_, bulk_lines_,
        service::environment{
            .store = engine_,
            .queue = queue_,
            .token_epoch = token_epoch_,
            .tally = tally_,
            .now = [this] { return wall_clock(); },
            .steady_now = steady,
            .random = draw,
            .started_at = wall_clock(),
            .run_on_shard =
                [this, i](std::function<void()> task) {
                  running_ == shards_[i].get() ? task() : post(i, std::move(task));
                },
            .deliver = [this](service::call& done) { deliver(done); },
            .wanted =
                [this](const service::call& pending) {
                  const connection* const owner = find(pending.way_back);
                  return owner != nullptr && owner->machine.awaits(pending);
                },
            .submitted =
                [this, i](service::call& begun) {
                  shards_[i]->answers.tell_submitted(begun, find(begun.way_back));
                },
            .watch_log = [this, i](bool watched) { shards_[i]->log_watched = watched; },
            .retry_window = around.run.bounds.retry_window,
            .take_turn = [this, i](std::function<void()> task) { post(i, std::move(task)); },
        },
        wall_clock()));
  }
  later(std::chrono::seconds(1), [this] { sweep_step(); });
  if (around.run.mode == storage::durability::process) {
    later(std::chrono::milliseconds(100), [this] { sync_step(); });
  }
}

// It is in the middle of what is destroyed next.
simulated_server::~simulated_server() { commit_thread_.end(); }

timestamp simulated_server::wall_clock() const {
  return timestamp{std::chrono::hours{24 * 20'000}} + around_.time.now() + around_.wall_offset;
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

void simulated_server::post(std::size_t index, std::function<void()> task) {
  later(hand_off(), [this, index, task = std::move(task)] { on_shard(*shards_[index], task); });
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
    around_.settled();
    for (const auto& home : shards_) post_log_grew(*home);
  };
  made.tokens_changed = [this](std::uint64_t epoch) { token_epoch_.see(epoch); };
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

void simulated_server::post_log_grew(shard& home) {
  if (!home.log_watched || std::exchange(home.log_grew_posted, true)) return;
  later(hand_off(), [this, &home] {
    on_shard(home, [&home] {
      home.log_grew_posted = false;
      home.users.log_grew();
    });
  });
}

storage::retry_rules simulated_server::retries() {
  storage::retry_rules made;
  made.draw = [this] { return around_.random.next(); };
  made.pause = [this](moment time) { engine_.pause(time); };
  made.now = [this] { return storage::retry_rules::steady::time_point{commit_thread_.now()}; };
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
  commit_thread_.run([this] {
    const bool worked = queue_.run_batch(wall_clock());
    commit_thread_busy_ = false;
    if (engine_.in_transaction()) around_.left_open();
    if (worked) wake_commit_thread();
  });
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
        mine.machine.sweep(now());
        act(mine);
      });
      home->users.sweep();
      if (buffers_.exceeded()) close_fullest(*home);
    });
  }
  later(std::chrono::seconds(1), [this] { sweep_step(); });
}

service::ticket simulated_server::accept(protocol::surface routes,
                                         std::shared_ptr<pipe> to_client) {
  shard& home = *shards_[next_shard_++ % shards_.size()];
  const auto name = home.connections.reserve();
  const service::ticket ticket{home.index, name.slot, name.generation};
  connection& made = home.connections.put(
      name, std::make_unique<connection>(*this, home.environment, buffers_, routes, ticket,
                                         std::move(to_client), now()));
  on_shard(home, [&] { act(made); });
  return ticket;
}

simulated_server::connection* simulated_server::find(const service::ticket& name) {
  return shards_[name.shard]->connections.find({name.slot, name.generation});
}

void simulated_server::receive(const service::ticket& name, std::string_view piece) {
  if (dying_) return;
  connection* const mine = find(name);
  if (mine == nullptr || mine->ended) return;
  mine->arrived += piece;
  mine->ended = piece.empty();
  on_shard(*shards_[name.shard], [&] { read(*mine); });
}

void simulated_server::disconnect(const service::ticket& name) {
  if (find(name) != nullptr) shards_[name.shard]->connections.erase({name.slot, name.generation});
}

/// What run_steps() moves bytes with.
class simulated_server::socket_of {
 public:
  socket_of(simulated_server& server, connection& owner) : server_(server), owner_(owner) {}

  // A client that reads slowly leaves us with bytes; then the rest goes out later.
  void write(std::string_view bytes) {
    using enum protocol::connection_machine::write_end;
    random_bits& random = server_.around_.random;
    const std::size_t sent = random.percent(90) ? bytes.size() : random.below(bytes.size());
    owner_.to_client->send(bytes.substr(0, sent));
    owner_.machine.wrote(sent, sent == bytes.size() ? done : full);
    if (sent == bytes.size()) return;
    server_.later(moment{random.between(1, 3'000)}, [&server = server_, name = owner_.name] {
      connection* const same = server.find(name);
      if (same == nullptr) return;
      server.on_shard(*server.shards_[name.shard], [&] {
        same->machine.writable(server.now());
        server.act(*same);
      });
    });
  }
  void shut_down() { end(); }
  void close() { end(); }
  void relieve() { server_.close_fullest(*server_.shards_[owner_.name.shard]); }
  void yield() {
    const moment delay{server_.around_.random.below(50)};
    server_.later(delay, [&server = server_, name = owner_.name] {
      connection* const same = server.find(name);
      if (same == nullptr) return;
      server.on_shard(*server.shards_[name.shard], [&] {
        same->machine.resumed(server.now());
        server.act(*same);
      });
    });
  }

 private:
  void end() {
    if (!std::exchange(owner_.said_end, true)) owner_.to_client->end();
  }

  simulated_server& server_;
  connection& owner_;
};

void simulated_server::act(connection& mine) {
  socket_of both(*this, mine);
  protocol::run_steps(mine.machine, both);
  read(mine);
}

// A read takes what has arrived at once, as the kernel does; that it has, the machine hears later,
// and answers may come in between.
void simulated_server::read(connection& mine) {
  if (!mine.read_begun) {
    if (!mine.machine.wants_read()) return;
    mine.lent = mine.machine.lend();
    mine.read_begun = true;
  }
  if (mine.read_filled || (mine.arrived.empty() && !mine.ended)) return;
  mine.read_filled = true;
  mine.filled = std::min(mine.arrived.size(), mine.lent.size());
  std::copy_n(mine.arrived.begin(), mine.filled, mine.lent.begin());
  mine.arrived.erase(0, mine.filled);
  const moment delay{around_.random.percent(80) ? 0 : around_.random.between(1, 500)};
  later(delay, [this, name = mine.name] {
    connection* const same = find(name);
    if (same != nullptr) on_shard(*shards_[name.shard], [&] { finish_read(*same); });
  });
}

void simulated_server::finish_read(connection& mine) {
  mine.read_begun = mine.read_filled = false;
  if (mine.filled > 0) {
    mine.machine.received(mine.filled, now());
  } else {
    mine.machine.input_ended(now());
  }
  act(mine);
}

void simulated_server::close_fullest(shard& home) {
  connection* const fullest = protocol::fullest_of<connection>(home.connections);
  if (fullest == nullptr) return;
  fullest->machine.close();
  act(*fullest);
}

void simulated_server::take_completions(shard& home) {
  home.completions.take(home.batch);
  home.answers.give(home.batch, [this](const service::ticket& name) { return find(name); });
}

void simulated_server::deliver(service::call& done) {
  shards_[done.way_back.shard]->answers.give(done, find(done.way_back));
}

void simulated_server::connection::answered() {
  machine.answered(owner.now());
  owner.act(*this);
}

}  // namespace factord::simulation
