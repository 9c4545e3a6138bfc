#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "server/base/budget.hpp"
#include "server/base/readiness.hpp"
#include "server/net/mailbox.hpp"
#include "server/net/slab.hpp"
#include "server/protocol/session.hpp"
#include "tests/simulation/pipe.hpp"
#include "tests/simulation/random.hpp"
#include "tests/simulation/simulated_engine.hpp"
#include "tests/simulation/trace.hpp"

namespace factord::simulation {

/// The life of one server process between two crashes: real connections, service and commit queue,
/// on shards and a commit thread whose steps are events of the scheduler. Where server/net has a
/// socket there is a pair of pipes.
class simulated_server {
 public:
  struct surroundings {
    scheduler& time;
    random_bits& random;
    const moment& wall_offset;  ///< of the wall clock: it steps
    const run_options& run;
    trace& log;
    /// What it has of the store; waits on that thread.
    std::function<std::unique_ptr<storage::engine>(simulated_thread& on)> open;
    std::function<void()> committed;  ///< the store may have changed
    std::function<void()> settled;    ///< and that is about to be answered
    std::function<void()> refused;    ///< a batch was not taken
    std::function<void()> broken;     ///< it will not change any more
    std::function<void()> failed;     ///< the process has noticed, and is to end
    std::function<void()> left_open;  ///< its commit thread waits, and a load has no end
  };

  explicit simulated_server(const surroundings& around);
  ~simulated_server();

  /// A connection; what it sends goes into `to_client`.
  [[nodiscard]] service::ticket accept(protocol::surface routes, std::shared_ptr<pipe> to_client);
  /// An empty piece is the end. A connection that is gone takes nothing.
  void receive(const service::ticket& name, std::string_view piece);
  void disconnect(const service::ticket& name);

  /// Nothing more is done by this process.
  void die() { dying_ = true; }

 private:
  struct connection;
  struct shard;
  class socket_of;

  [[nodiscard]] storage::commit_hooks hooks();
  [[nodiscard]] storage::retry_rules retries();
  void post_log_grew(shard& home);
  void wake_commit_thread();
  void commit_step();
  void sync_step();
  void sweep_step();
  void later(moment delay, std::function<void()> run);
  [[nodiscard]] moment hand_off() { return moment{around_.random.between(1, 60)}; }
  [[nodiscard]] timestamp wall_clock() const;
  [[nodiscard]] std::chrono::steady_clock::time_point now() const {
    return std::chrono::steady_clock::time_point(around_.time.now());
  }

  void post(std::size_t index, std::function<void()> task);
  void on_shard(shard& home, const std::function<void()>& run);
  void take_completions(shard& home);
  void deliver(service::call& done);
  void act(connection& mine);
  void read(connection& mine);
  void finish_read(connection& mine);
  void close_fullest(shard& home);
  [[nodiscard]] connection* find(const service::ticket& name);

  const surroundings around_;
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  bool dying_ = false;
  simulated_thread commit_thread_;
  simulated_engine engine_;
  service::newest_token_epoch token_epoch_;
  service::counters tally_{around_.run.shards};
  readiness_state state_;
  protocol::api api_;
  budget buffers_;
  budget bulk_lines_;
  std::vector<std::unique_ptr<shard>> shards_;
  storage::commit_queue queue_;
  shard* running_ = nullptr;  ///< on whose thread the present event runs; null: another thread
  bool commit_thread_busy_ = false;
  bool commit_thread_woken_ = false;
  std::uint32_t next_shard_ = 0;
};

}  // namespace factord::simulation
