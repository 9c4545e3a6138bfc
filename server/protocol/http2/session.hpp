#pragma once

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "server/base/limits.hpp"
#include "server/protocol/http2/memory.hpp"
#include "server/protocol/http2/stream.hpp"

namespace factord::protocol::http2 {

/// What nghttp2 tells of a session while it is fed or asked for output. An exception thrown here
/// ends the session: that call of nghttp2 fails with NGHTTP2_ERR_CALLBACK_FAILURE.
class session_events {
 public:
  session_events() = default;
  session_events(const session_events&) = delete;
  session_events& operator=(const session_events&) = delete;

  /// The header of a request begins.
  virtual void on_request(std::int32_t id) = 0;
  /// One field of that header; those of trailers are discarded, and a malformed one makes the
  /// request malformed (RFC 9113, section 8.2.1).
  virtual void on_field(std::int32_t id, std::string_view name, std::string_view value) = 0;
  /// A frame has arrived whole.
  virtual void on_frame(const nghttp2_frame& frame) = 0;
  /// A part of a request's body.
  virtual void on_body(std::int32_t id, std::string_view bytes) = 0;
  /// A frame has been given out.
  virtual void on_sent(const nghttp2_frame& frame) = 0;
  /// Nothing more of the stream will come or go.
  virtual void on_closed(std::int32_t id) = 0;
  /// There is room for a part of an answer's body (body_of): how much was put there, and
  /// NGHTTP2_DATA_FLAG_* in `flags`; or NGHTTP2_ERR_DEFERRED.
  [[nodiscard]] virtual ssize_t on_read(stream& from, std::span<char> space,
                                        std::uint32_t& flags) = 0;

 protected:
  ~session_events() = default;
};

struct session_deleter {
  void operator()(nghttp2_session* session) const noexcept { nghttp2_session_del(session); }
};
using session_handle = std::unique_ptr<nghttp2_session, session_deleter>;

/// A server's session, with its settings and bounds submitted. `events` and `memory` outlive it;
/// its end may still call `events`.
[[nodiscard]] session_handle make_session(session_events& events, const limits& bounds,
                                          counted_memory& memory);

/// What a stream may be sent at a time: a body, or of a request in parts a message with its
/// envelope. It is more than a body may have, so that one that is too long is seen to be so.
[[nodiscard]] std::size_t stream_window(const limits& bounds) noexcept;

/// True once an error has ended the whole connection: the streams that were open are there still,
/// and nothing more is said on them.
[[nodiscard]] bool is_broken_off(nghttp2_session* session) noexcept;

/// What a fatal error of nghttp2 is called on the wire.
[[nodiscard]] std::uint32_t wire_code_of(ssize_t fatal) noexcept;

/// Asks a client that holds its body back for it (RFC 9110, section 10.1.1). As nghttp2_submit_*.
[[nodiscard]] int submit_continue(nghttp2_session* session, std::int32_t id);

/// For nghttp2_submit_response: a body that on_read() gives, as long as `answering` lives.
[[nodiscard]] nghttp2_data_provider body_of(stream& answering);

}  // namespace factord::protocol::http2
