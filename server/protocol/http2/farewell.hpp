#pragma once

#include <nghttp2/nghttp2.h>

#include <chrono>
#include <cstdint>

namespace factord::protocol::http2 {

/// Takes leave of the other side so that no request is lost (RFC 9113, section 6.8): a GOAWAY that
/// refuses no stream and a PING to learn when it has arrived; then one that names the last stream,
/// for by then no stream can be under way that we do not know. What returns an int answers as
/// nghttp2_submit_* do.
class farewell {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Once.
  [[nodiscard]] int begin(nghttp2_session* session);
  /// A PING of ours was answered.
  [[nodiscard]] int on_pong(nghttp2_session* session);
  /// A GOAWAY was given out, by whomever: nghttp2 has reasons of its own.
  [[nodiscard]] int on_goaway(nghttp2_session* session, const nghttp2_goaway& sent);
  /// Ends the wait for a client that does not answer the PING.
  [[nodiscard]] int sweep(nghttp2_session* session, time_point now);
  /// Says the last stream now: nobody is left without a word.
  [[nodiscard]] int part(nghttp2_session* session);

  [[nodiscard]] bool begun() const noexcept { return state_ != state::none; }
  /// A GOAWAY that names the last stream was submitted.
  [[nodiscard]] bool parted() const noexcept { return parted_; }
  /// Somebody else submitted it.
  void set_parted() noexcept { parted_ = true; }

 private:
  enum class state : std::uint8_t { none, announced, final };

  [[nodiscard]] int finish(nghttp2_session* session);

  state state_ = state::none;
  bool parted_ = false;
  time_point announced_at_;  ///< the first sweep after the announcement
};

}  // namespace factord::protocol::http2
