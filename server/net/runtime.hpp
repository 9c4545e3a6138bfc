#pragma once

#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/base/budget.hpp"
#include "server/base/limits.hpp"
#include "server/base/readiness.hpp"
#include "server/net/executor.hpp"
#include "server/net/key_fetcher.hpp"
#include "server/net/life_signs.hpp"
#include "server/net/listener.hpp"
#include "server/net/listening_sockets.hpp"
#include "server/net/observation.hpp"
#include "server/net/runtime_options.hpp"
#include "server/net/shard.hpp"
#include "server/net/sockets.hpp"
#include "server/net/token_keeper.hpp"
#include "server/net/trace_exporter.hpp"
#include "server/protocol/api.hpp"
#include "server/protocol/tls/context.hpp"
#include "server/service/counters.hpp"
#include "server/service/credentials/token_epoch.hpp"
#include "storage/base/thread.hpp"
#include "storage/commit/commit_queue.hpp"
#include "storage/engine/backup_job.hpp"
#include "storage/engine/engine.hpp"

namespace factord::net {

/// How run() ended.
enum class run_end {
  drained,         ///< asked to stop, and all that was begun was finished or cut
  storage_failed,  ///< nothing more may be called on the store, not even its destructor
};

/// The server at work: shards, the commit queue and its thread, backups, listeners. What is the
/// process's it leaves alone (server/process.hpp); a process may have several, one after another or
/// at once, each on a store of its own.
class runtime {
 public:
  runtime(storage::engine& store, runtime_options options);
  ~runtime();
  runtime(const runtime&) = delete;
  runtime& operator=(const runtime&) = delete;

  /// Makes a listener of each socket, in order, and the one on the admin socket. Fails where that
  /// cannot be made.
  [[nodiscard]] result<void> listen(listening_sockets sockets, listening_sockets monitoring = {});

  /// Calls `ready` on shard 0's thread whenever the file can be read, which `ready` does, while the
  /// server runs. Before run(), once.
  void watch(unique_fd file, std::function<void(int fd)> ready);

  /// Serves until it is told to stop or the store fails. The calling thread is shard 0's. Throws
  /// what it cannot begin without: the bootstrap token, a file of keys.
  [[nodiscard]] run_end run();

  /// Has it end as soon as what was begun is answered. Any thread, before run() too.
  void request_stop();

  /// Has it read certificate, bootstrap token and providers' keys again, what there is. Any thread.
  void request_reload();

  [[nodiscard]] const readiness_state& state() const noexcept { return state_; }

 private:
  [[nodiscard]] storage::commit_hooks make_hooks();
  [[nodiscard]] service::environment make_environment();
  void keep_store();
  void reset_store(storage::engine::callback<service::fresh_store> done);
  [[nodiscard]] protocol::monitoring_pages make_pages();
  [[nodiscard]] result<void> add_listeners(listening_sockets sockets, protocol::surface routes);
  void add_listener(listening_socket socket, protocol::surface routes);
  awaitable<void> await_watched();
  awaitable<void> watch_surroundings();
  void reload();
  void reload_tls();
  void use_tls(protocol::shared_tls with);
  awaitable<void> stop_gracefully();
  awaitable<void> stop_after_failure();
  awaitable<void> end_connections(std::chrono::milliseconds patience);
  awaitable<void> pause(std::chrono::milliseconds time);
  void begin_stop();
  void on_storage_failure(const error& failure);
  void close_listeners(bool (*which)(protocol::surface));
  awaitable<void> end_monitoring();
  [[nodiscard]] std::size_t live_connections() const noexcept;
  void join_all();

  // Constant after construction.
  const runtime_options options_;
  storage::engine& store_;

  // Any thread.
  readiness_state state_;
  service::newest_token_epoch token_epoch_;
  service::counters tally_;
  budget buffers_;
  surface_rooms rooms_;
  budget refusals_;
  budget streams_;
  budget bulk_lines_;

  const protocol::api api_;
  tracing::trace_queue traces_;
  std::optional<trace_exporter> trace_exporter_;
  storage::backup_job backups_;
  storage::commit_queue queue_;
  token_keeper tokens_;
  key_fetcher keys_;
  life_signs life_;
  observation observation_;
  std::vector<std::unique_ptr<shard>> shards_;
  std::vector<thread> threads_;
  thread commit_thread_;

  // Shard 0's thread.
  std::vector<std::unique_ptr<listener>> listeners_;
  std::optional<boost::asio::posix::basic_stream_descriptor<executor>> watched_;
  std::function<void(int fd)> on_watched_;
  bool stopping_ = false;
};

}  // namespace factord::net
