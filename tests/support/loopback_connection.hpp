#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "server/protocol/connection_machine.hpp"

namespace factord::testing {

/// The real connection without a socket: what the other side sends arrives as it is told to, and
/// what the connection sends is kept. A read comes in the two steps of a real one: the kernel fills
/// its memory, and some time later the connection is told.
class loopback_connection {
 public:
  using time_point = protocol::connection_machine::time_point;

  loopback_connection(const protocol::session_environment& with, budget& buffers,
                      const protocol::tls_context* encryption, protocol::surface routes,
                      service::ticket name, time_point now = {})
      : machine_(with, buffers, encryption, routes, name, now), now_(now) {
    act();
  }

  // What the other side does.
  void arrive(std::string_view bytes) { arrived_ += bytes; }
  void end_of_input() { ended_ = true; }

  /// Lets a read that is under way have up to `most` of what has arrived, or the end of it. False
  /// where there is none, or nothing for it.
  bool fill_read(std::size_t most = everything);
  /// Tells the connection of it.
  bool finish_read();
  /// Both, until all that it wants of what has arrived is read, `most` bytes at a time. False where
  /// that was nothing.
  bool read_all(std::size_t most = everything);
  /// The other side is gone: a read that is under way says so, and so does each write.
  void reset();
  /// The same, where only the next write finds out.
  void fail_writes() { gone_ = true; }

  /// How much more can be sent before the socket is full.
  void set_room(std::size_t bytes);
  static constexpr std::size_t everything = std::numeric_limits<std::size_t>::max();

  /// answered() follows, once for any number; inside of the connection it does nothing.
  void complete(service::call& done) { (void)machine_.complete(done); }
  void answered();
  void sweep(time_point now);
  void drain();
  void close();
  /// Others have had their turn, where it lets them. False where it does not.
  bool resume();

  /// What it has sent since the last time.
  [[nodiscard]] std::string take_sent() { return std::exchange(sent_, {}); }
  /// It ended its sending half.
  [[nodiscard]] bool shut() const noexcept { return shut_; }
  [[nodiscard]] bool closed() const noexcept { return closed_; }
  [[nodiscard]] bool wants_read() const { return reading_ || machine_.wants_read(); }
  [[nodiscard]] std::size_t unread() const noexcept { return arrived_.size() - read_; }
  [[nodiscard]] std::size_t buffered() const noexcept { return machine_.buffered(); }

  /// Whether it has to be told by resume(); otherwise others have nothing to do.
  bool shares_turns = false;
  /// What it does where all buffers are over their limit; nothing, if it is not set.
  std::function<void()> on_relieve;
  /// What a lent span holds before it is filled: nobody may ever see it.
  std::string_view rubbish = "GET /rubbish HTTP/1.1\r\nHost: h\r\n\r\n";

 private:
  class socket;

  void act();

  protocol::connection_machine machine_;
  time_point now_;
  std::string arrived_;
  std::size_t read_ = 0;  ///< of these
  bool ended_ = false;
  bool reading_ = false;  ///< into lent_
  bool filled_ = false;   ///< and the kernel has done it
  bool failed_ = false;   ///< which was to say that the socket is closed
  bool gone_ = false;     ///< writes fail
  std::size_t filled_bytes_ = 0;
  std::span<char> lent_;
  std::string sent_;
  std::size_t room_ = everything;
  bool waits_for_room_ = false;
  bool shut_ = false;
  bool closed_ = false;
  bool yielded_ = false;
};

}  // namespace factord::testing
