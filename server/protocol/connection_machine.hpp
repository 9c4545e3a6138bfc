#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "server/base/budget.hpp"
#include "server/base/limits.hpp"
#include "server/protocol/session.hpp"
#include "server/protocol/tls/stream.hpp"
#include "server/protocol/wire/input_buffer.hpp"
#include "server/service/call.hpp"

namespace factord::protocol {

/// All that one connection decides, without its socket: when to read and where to, what to send,
/// when to end. It is told what has happened, and what it wants done about that it says by next().
/// run_steps() (server/protocol/run_steps.hpp) does it. One thread.
///
///     open ──> ending ──> lingering ──> closing ──> closed
class connection_machine {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// What is to be done with the socket now.
  struct step {
    enum class kind : std::uint8_t {
      wait,       ///< nothing, until something happens
      write,      ///< send what there is room for of `bytes`, and say so by wrote()
      shut_down,  ///< end the sending half
      relieve,    ///< this one grew, and all buffers are over their limit: end the fullest
      yield,      ///< let others have their turn, then resumed(). Comes once until then
      close,      ///< end both halves. Comes once
    };
    kind what = kind::wait;
    std::string_view bytes;  ///< valid until wrote()
  };

  /// How far a write came.
  enum class write_end : std::uint8_t {
    done,    ///< some of it or all is sent
    full,    ///< and then there was no room: writable() is to follow
    failed,  ///< the other side is gone
  };

  /// `encryption` null: plain. What is referred to outlives it.
  connection_machine(const session_environment& with, budget& buffers,
                     const tls_context* encryption, surface routes, service::ticket name,
                     time_point now, host_rule hosts = host_rule::checked);
  ~connection_machine();
  connection_machine(const connection_machine&) = delete;
  connection_machine& operator=(const connection_machine&) = delete;

  // Reading, one read at a time: its bytes go into the span of lend(), which stays where it is, and
  // is not looked at, until one of the three that follow says how the read ended.
  [[nodiscard]] bool wants_read() const;
  [[nodiscard]] std::span<char> lend();
  void received(std::size_t bytes, time_point now);
  /// The other side closed its sending half.
  void input_ended(time_point now);
  void input_failed();

  void wrote(std::size_t bytes, write_end how);
  void writable(time_point now);
  /// Others have had their turn.
  void resumed(time_point now);

  /// Takes the answer of a call of this one. True where answered() is to follow, once for any
  /// number; inside of next(), that goes on with it.
  [[nodiscard]] bool complete(service::call& done) { return hand_over(&session::complete, done); }
  /// The same of a write that is in the commit queue now (session::submitted).
  [[nodiscard]] bool submitted(service::call& begun) {
    return hand_over(&session::submitted, begun);
  }
  void answered(time_point now) { progress(now); }
  [[nodiscard]] bool awaits(const service::call& pending) const { return session_.awaits(pending); }

  /// Applies the deadlines. Regularly.
  void sweep(time_point now);
  /// No request after those begun. Ends at once where nobody waits for anything, on HTTP/2 once
  /// the other side was told so.
  void drain(time_point now);
  /// Ends it now, whatever is outstanding.
  void close();

  /// After any of the above, until it says `wait`. Inside of itself it says just that.
  [[nodiscard]] step next();

  /// Memory of its buffers, as counted against `buffers`.
  [[nodiscard]] std::size_t buffered() const noexcept { return accounted_; }
  /// event_streams::least_position.
  [[nodiscard]] auto least_position() const { return session_.least_position(); }
  [[nodiscard]] bool closed() const noexcept { return state_ == state::closed; }

 private:
  enum class state : std::uint8_t {
    open,
    ending,     ///< all is sent but what TLS itself has to say
    lingering,  ///< input is read and thrown away until the other side closes
    closing,    ///< that is to be said
    closed,
  };
  enum class lingering : bool { no, yes };

  [[nodiscard]] bool hand_over(void (session::*what)(service::call&), service::call& pending);
  [[nodiscard]] step next_while_open();
  [[nodiscard]] step next_while_ending();
  [[nodiscard]] bool take_input();
  [[nodiscard]] bool may_decrypt() const;
  [[nodiscard]] bool decrypt();
  [[nodiscard]] bool take_end_of_input();
  [[nodiscard]] bool resume_streams();
  [[nodiscard]] std::string_view to_send();
  [[nodiscard]] bool handshaking() const { return tls_ != nullptr && tls_->handshaking(); }
  void progress(time_point now);
  void end(lingering after);
  void discard(std::size_t bytes);
  [[nodiscard]] bool grows_over_limit();

  // Constant after construction.
  const limits& bounds_;
  budget& buffers_;
  const time_point opened_at_;

  session session_;
  input_buffer in_;
  const std::unique_ptr<tls_stream> tls_;  ///< null: plain

  state state_ = state::open;
  lingering after_ending_ = lingering::yes;
  bool running_ = false;        ///< inside the session, which may call complete()
  bool reading_ = false;        ///< a read is under way
  bool reading_tls_ = false;    ///< and its bytes are for tls_
  bool write_blocked_ = false;  ///< waiting for writable()
  bool yielded_ = false;        ///< waiting for resumed()
  bool eof_ = false;            ///< the other side closed its sending half
  bool eof_told_ = false;       ///< and the session was told so
  std::size_t discarded_ = 0;
  std::size_t accounted_ = 0;

  time_point now_;
  // For the deadlines that are not the codec's.
  time_point active_at_;        ///< the last progress of any kind
  time_point write_since_;      ///< the last progress of the write that is blocked
  time_point lingering_since_;  ///< where it is
};

}  // namespace factord::protocol
