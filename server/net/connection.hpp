#pragma once

#include <cstddef>
#include <string_view>

#include "server/net/executor.hpp"
#include "server/protocol/connection_machine.hpp"
#include "server/service/call.hpp"
#include "server/service/ticket.hpp"

namespace factord::net {

class shard;

/// One connection: a socket, and the machine that decides all about it. One coroutine reads for as
/// long as it lives; answers leave by plain calls. Owned by its shard's slab, called on its shard's
/// thread only.
class connection {
 public:
  using clock = std::chrono::steady_clock;

  /// `encryption` null: plain.
  connection(shard& home, stream_socket socket, const protocol::tls_context* encryption,
             protocol::surface routes, service::ticket name);

  /// Reads until the connection is closed. The object must outlive it.
  awaitable<void> run();

  /// Takes the answer of a call of this connection. Where it is true answered() must follow, once
  /// for any number.
  [[nodiscard]] bool complete(service::call& done) { return machine_.complete(done); }
  /// The same of a write that is in the commit queue now.
  [[nodiscard]] bool submitted(service::call& begun) { return machine_.submitted(begun); }
  void answered();
  /// False where the answer of a call of this connection has nowhere to go any more.
  [[nodiscard]] bool awaits(const service::call& pending) const { return machine_.awaits(pending); }

  /// A wait for room to write is over.
  void on_writable();
  /// Others have had their turn.
  void on_resumed();
  /// Applies the deadlines. Regularly.
  void sweep(clock::time_point now);
  /// No request after those begun; closes at once where there is none.
  void drain();
  /// Ends it now, whatever is outstanding. run() returns soon after.
  void close();

  /// event_streams::least_position.
  [[nodiscard]] auto least_position() const { return machine_.least_position(); }
  [[nodiscard]] protocol::surface routes() const noexcept { return routes_; }

  bool queued = false;  ///< protocol::answer_round's

  /// Memory of its buffers, as counted against limits.all_buffers_bytes.
  [[nodiscard]] std::size_t buffered() const noexcept { return machine_.buffered(); }

 private:
  class socket_of;  ///< what run_steps() moves bytes with

  void act();

  shard& home_;
  const service::ticket name_;
  const protocol::surface routes_;
  stream_socket socket_;
  steady_timer wake_;  ///< what run() waits for while it must not read
  protocol::connection_machine machine_;
};

}  // namespace factord::net
