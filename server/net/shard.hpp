#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "server/base/budget.hpp"
#include "server/base/limits.hpp"
#include "server/base/repeated_line.hpp"
#include "server/base/reporting.hpp"
#include "server/net/connection.hpp"
#include "server/net/executor.hpp"
#include "server/net/log_bell.hpp"
#include "server/net/mailbox.hpp"
#include "server/net/slab.hpp"
#include "server/net/surface_rooms.hpp"
#include "server/protocol/access_log.hpp"
#include "server/protocol/answer_round.hpp"
#include "server/protocol/api.hpp"
#include "server/protocol/session.hpp"
#include "server/protocol/tls/context.hpp"
#include "server/protocol/wire/date_clock.hpp"
#include "server/protocol/wire/request_names.hpp"
#include "server/service/call_pool.hpp"
#include "server/service/environment.hpp"
#include "server/service/user_service.hpp"
#include "server/tracing/tracer.hpp"
#include "storage/commit/command.hpp"

namespace factord::net {

/// What all shards use together. Everything in it outlives them.
struct shard_environment {
  const limits& bounds;
  const protocol::api& interface;
  surface_rooms& rooms;
  budget& buffers;     ///< of all of them
  budget& refusals;    ///< connections over the limit that are being told so
  budget& bulk_lines;  ///< of bulks, in the commit queue
  reporting told = {};
  tracing::trace_queue* traces = nullptr;  ///< null: none is traced
};

/// One thread, its io_context, and the connections that live and die on it. The public functions
/// are for its own thread where nothing else is said.
class shard {
 public:
  /// `service` is the service's environment but for run_on_shard, deliver, wanted, submitted and
  /// watch_log, which are this shard's.
  shard(std::uint32_t index, const shard_environment& around, service::environment service);
  shard(const shard&) = delete;
  shard& operator=(const shard&) = delete;

  /// Runs until stop(), which any thread may call. Calls no handler afterwards.
  void run();
  void stop() { context_.stop(); }

  /// Any thread. Takes a connected socket of this shard's context; `encryption` null: plain.
  void adopt(stream_socket socket, protocol::surface routes, protocol::shared_tls encryption);
  /// Any thread: the finished commands of a batch. Connections that are gone are skipped.
  void post_completions(std::span<storage::command* const> done);
  /// Any thread: readers see more of the log.
  void post_log_grew() { log_bell_.ring(); }
  /// Any thread. Drains every connection, or ends it at once.
  void post_drain();
  void post_close();

  [[nodiscard]] boost::asio::io_context& context() noexcept { return context_; }
  [[nodiscard]] budget& buffers(protocol::surface routes) const noexcept {
    return around_.rooms[routes].buffers;
  }
  [[nodiscard]] const protocol::session_environment& environment(
      protocol::surface routes) const noexcept {
    return routes == protocol::surface::admin ? admin_environment_ : environment_;
  }
  /// Null where it is gone.
  [[nodiscard]] connection* find(const service::ticket& name) const;
  /// Ends the connection with the most memory in buffers.
  void close_fullest();

 private:
  class slot_guard;

  awaitable<void> serve(stream_socket socket, protocol::surface routes,
                        protocol::shared_tls encryption, budget_place place);
  awaitable<void> refuse(stream_socket socket, budget_place place);
  awaitable<void> sweep_for_ever();
  [[nodiscard]] std::function<void(std::exception_ptr)> log_escaped();
  void tell_unheard(const service::call& done);
  void log_unexpected_end(const std::exception& cause);
  void sweep();
  void take_completions();
  void deliver(service::call& done);
  void run_here(std::function<void()> task);
  void drain_all();
  void close_all();

  const std::uint32_t index_;
  const shard_environment around_;
  service::counters& counters_;
  const limits admin_bounds_;
  mailbox<storage::command*> completions_;

  // Owned by the shard's thread.
  protocol::date_clock date_;
  protocol::request_names names_;
  protocol::access_log log_;
  std::optional<tracing::tracer> tracer_;
  service::call_pool calls_;
  protocol::answer_round<connection> answers_;
  service::user_service users_;
  const protocol::session_environment environment_;
  const protocol::session_environment admin_environment_;
  slab<connection> connections_;
  std::vector<storage::command*> batch_;
  bool draining_ = false;
  repeated_line unexpected_ends_;
  repeated_line closed_for_room_;

  // Last, so that it goes first: the coroutines it destroys give their slots back.
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  steady_timer sweep_timer_;
  log_bell log_bell_;
};

}  // namespace factord::net
