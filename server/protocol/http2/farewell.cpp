#include "server/protocol/http2/farewell.hpp"

namespace factord::protocol::http2 {
namespace {

// The last stream of an announcement.
constexpr std::int32_t every_stream = (1U << 31U) - 1;
constexpr std::chrono::seconds announcement_time{1};

}  // namespace

int farewell::begin(nghttp2_session* session) {
  state_ = state::announced;
  announced_at_ = {};
  return nghttp2_submit_shutdown_notice(session);
}

int farewell::on_pong(nghttp2_session* session) {
  return state_ == state::announced ? finish(session) : 0;
}

int farewell::on_goaway(nghttp2_session* session, const nghttp2_goaway& sent) {
  const bool names_the_last = sent.last_stream_id != every_stream;
  parted_ |= names_the_last;
  if (names_the_last || state_ != state::announced) return 0;
  // The PING must not overtake the announcement that its answer is to follow.
  return nghttp2_submit_ping(session, NGHTTP2_FLAG_NONE, nullptr);
}

int farewell::sweep(nghttp2_session* session, time_point now) {
  if (state_ != state::announced) return 0;
  if (announced_at_ == time_point{}) announced_at_ = now;
  return now - announced_at_ >= announcement_time ? finish(session) : 0;
}

int farewell::finish(nghttp2_session* session) {
  state_ = state::final;
  return part(session);
}

int farewell::part(nghttp2_session* session) {
  parted_ = true;
  return nghttp2_submit_goaway(session, NGHTTP2_FLAG_NONE,
                               nghttp2_session_get_last_proc_stream_id(session), NGHTTP2_NO_ERROR,
                               nullptr, 0);
}

}  // namespace factord::protocol::http2
