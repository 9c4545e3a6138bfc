#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "server/net/budget.hpp"
#include "server/net/input_buffer.hpp"
#include "server/net/transport.hpp"
#include "server/protocol/session.hpp"
#include "server/service/call.hpp"
#include "server/service/ticket.hpp"

namespace factord::net {

class shard;

/// One connection: a transport, a session, and when each may go on. One coroutine reads for as long
/// as it lives; answers leave by plain calls, as many as are ready in one write. Owned by its
/// shard's slab, called on its shard's thread only.
class connection {
 public:
  using clock = std::chrono::steady_clock;

  /// `encryption` null: plain.
  connection(shard& home, stream_socket socket, const tls_context* encryption,
             protocol::surface routes, service::ticket name);
  ~connection();
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  /// Reads until the connection is closed. The object must outlive it.
  boost::asio::awaitable<void> run();

  /// Takes the answer of a call of this connection. pump() must follow, once for any number.
  void complete(service::call& done) { session_.complete(done); }

  /// Runs what is in the input buffer as far as the session takes it, and sends what can be sent.
  void pump();

  /// True inside pump(), which then needs no second call.
  [[nodiscard]] bool pumping() const noexcept { return pumping_; }

  /// A wait for room to write is over.
  void on_writable();

  /// Applies the deadlines. Regularly.
  void sweep(clock::time_point now);

  /// No request after those begun; closes at once where there is none.
  void drain();

  /// Ends it now, whatever is outstanding. run() returns soon after.
  void close();

  /// Set while the connection is in the list of those to pump after a batch of completions.
  bool queued = false;

  [[nodiscard]] const service::ticket& name() const noexcept { return name_; }
  /// Memory of its buffers, as counted against limits.all_buffers_bytes.
  [[nodiscard]] std::size_t buffered() const noexcept { return accounted_; }

 private:
  enum class state : std::uint8_t {
    open,
    lingering,  ///< all is sent, input is read and thrown away until the other side closes
    closed,
  };

  [[nodiscard]] bool may_read() const;
  void on_receive(boost::system::error_code failure, std::span<char> space, std::size_t received);
  void discard(const boost::system::error_code& failure, std::size_t bytes);
  [[nodiscard]] bool has_to_send();
  void flush();
  void wait_for_room();
  void finish();
  void leave();
  void wake();
  void advance();
  void account();

  // Constant after construction.
  shard& home_;
  const limits& bounds_;
  const service::ticket name_;

  transport transport_;
  protocol::session session_;
  input_buffer in_;
  boost::asio::steady_timer wake_;  ///< what run() waits for while it must not read

  state state_ = state::open;
  bool pumping_ = false;
  bool paused_ = false;         ///< run() waits for wake_
  bool write_blocked_ = false;  ///< waiting for on_writable()
  bool eof_ = false;            ///< the other side closed its sending half
  bool input_ended_ = false;    ///< and the session was told so
  std::size_t discarded_ = 0;
  std::size_t accounted_ = 0;

  // For the deadlines that are not the codec's.
  clock::time_point opened_at_;
  clock::time_point active_at_;        ///< the last progress of any kind
  clock::time_point write_since_;      ///< the last progress of the write that is blocked
  clock::time_point lingering_since_;  ///< where it is
};

}  // namespace factord::net
