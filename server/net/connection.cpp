#include "server/net/connection.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <tuple>
#include <utility>

#include "server/net/shard.hpp"
#include "storage/base/check.hpp"

namespace factord::net {
namespace {

namespace asio = boost::asio;

// Buffers are counted in steps, so that the shared count is touched only when one grows or shrinks.
constexpr std::size_t account_step = 4096;
// Output memory above this is given back once it is sent.
constexpr std::size_t kept_output = 16U << 10U;
// Input beyond the longest header: room to read pipelined requests in fewer steps.
constexpr std::size_t read_ahead = 8U << 10U;

}  // namespace

connection::connection(shard& home, stream_socket socket, const tls_context* encryption,
                       protocol::surface routes, service::ticket name)
    : home_(home),
      bounds_(home.bounds(routes)),
      name_(name),
      transport_(std::move(socket), encryption),
      session_(home.environment(routes), routes, name),
      in_(bounds_.header_bytes + read_ahead),
      wake_(home.context(), clock::time_point::max()),
      opened_at_(clock::now()),
      active_at_(opened_at_) {}

connection::~connection() { home_.buffers().give_back(accounted_); }

asio::awaitable<void> connection::run() {
  while (state_ != state::closed) {
    if (!may_read()) {
      paused_ = true;
      std::tuple<boost::system::error_code> woken =
          co_await wake_.async_wait(asio::as_tuple(asio::deferred));
      (void)woken;
      paused_ = false;
      continue;
    }
    const std::span<char> space = in_.space();
    FACTORD_CHECK(!space.empty());
    std::tuple<boost::system::error_code, std::size_t> got;
    if (!transport_.readable())
      got = co_await transport_.async_receive(space, asio::as_tuple(asio::deferred));
    on_receive(std::get<0>(got), space, std::get<1>(got));
  }
}

bool connection::may_read() const {
  if (eof_) return false;
  if (state_ == state::lingering) return true;
  return session_.wants_input() && !transport_.congested() && !home_.buffers().exceeded();
}

void connection::on_receive(boost::system::error_code failure, std::span<char> space,
                            std::size_t received) {
  if (state_ == state::closed) return;
  if (state_ == state::lingering) return discard(failure, received);
  const std::size_t bytes = transport_.open(space, received, failure);
  if (transport_.broken()) return finish();
  if (failure && failure != asio::error::eof) return close();
  const auto version = transport_.take_agreed();
  if (version) session_.agree_on(*version);
  eof_ = failure == asio::error::eof;
  in_.commit(bytes);
  // Bytes of TLS that make none of HTTP are no progress.
  if (bytes > 0 || version || eof_) return pump();
  advance();
}

// A close with unread input would make the kernel send a reset, which may destroy the answer that
// is still on its way (RFC 9112, section 9.6).
void connection::discard(const boost::system::error_code& failure, std::size_t bytes) {
  discarded_ += bytes;
  if (failure || discarded_ >= bounds_.discard_bytes) close();
}

void connection::pump() {
  active_at_ = clock::now();
  session_.set_time(active_at_);
  advance();
}

void connection::advance() {
  if (state_ != state::open) return;
  pumping_ = true;
  std::size_t taken = 0;
  do {
    taken = session_.receive(in_.view());
    in_.consume(taken);
    flush();
  } while (state_ == state::open && session_.wants_input() &&
           ((taken > 0 && !in_.empty()) || session_.has_request()));
  // What is left is half a request: it will never be whole.
  if (eof_ && !input_ended_ && session_.wants_input()) {
    input_ended_ = true;
    in_.clear();
    session_.end_of_input();
  }
  pumping_ = false;
  if (state_ != state::open) return;
  account();
  if (state_ != state::open) return;
  if (session_.finished() && session_.output().empty() && !transport_.unsent()) finish();
  if (may_read()) wake();
}

// During a handshake only TLS itself may send.
bool connection::has_to_send() {
  return transport_.unsent() || (!session_.output().empty() && !transport_.handshaking());
}

// Most answers fit into the socket's buffer: try first, wait only for the rest.
void connection::flush() {
  std::string& out = session_.output();
  if (write_blocked_ || state_ != state::open) return;
  for (session_.fill_output(); has_to_send(); session_.fill_output()) {
    boost::system::error_code failure;
    const std::size_t sent = transport_.write_some(out, failure);
    if (failure && failure != asio::error::would_block && failure != asio::error::try_again)
      return close();
    out.erase(0, sent);
    if (has_to_send()) return wait_for_room();
  }
  if (out.capacity() > kept_output) out = std::string();
}

void connection::wait_for_room() {
  write_blocked_ = true;
  write_since_ = clock::now();
  transport_.async_wait_writable(writable_handler{home_, name_});
}

void connection::on_writable() {
  write_blocked_ = false;
  flush();
  pump();
}

void connection::finish() {
  transport_.shutdown_send();
  if (eof_) return close();
  state_ = state::lingering;
  lingering_since_ = clock::now();
  in_.clear();
  wake();
}

// Nobody waits for anything: ends it at once, but in good order.
void connection::leave() {
  transport_.shutdown_send();
  close();
}

void connection::close() {
  if (state_ == state::closed) return;
  state_ = state::closed;
  transport_.close();
  // At once, not when run() has returned: whoever looks for memory to free must not find this one.
  home_.buffers().give_back(std::exchange(accounted_, 0));
  wake();
}

void connection::wake() {
  if (paused_) wake_.cancel();
}

void connection::drain() {
  if (state_ != state::open) return;
  const bool idle = session_.output().empty() && session_.idle() && in_.empty();
  session_.drain();
  // Nobody waits for an answer, so nothing can be lost by a reset.
  if (idle && session_.finished()) return leave();
  pump();
}

void connection::sweep(clock::time_point now) {
  if (state_ == state::closed) return;
  if (state_ == state::lingering) {
    if (now - lingering_since_ >= bounds_.discard_time) close();
    return;
  }
  if (transport_.handshaking()) {
    if (now - opened_at_ >= bounds_.tls_handshake_time) close();
    return;
  }
  if (write_blocked_) {
    if (now - write_since_ >= bounds_.write_time) close();
    return;
  }
  session_.sweep(now, !paused_);
  const bool silent = !paused_ && session_.idle() && session_.output().empty();
  if (silent && now - active_at_ >= bounds_.idle_time) return leave();
  advance();  // what the sweep answered; and where we paused there may be room again
}

void connection::account() {
  const std::size_t bytes = in_.capacity() + session_.output().capacity() + session_.held_bytes() +
                            transport_.held_bytes();
  const std::size_t rounded = (bytes + account_step - 1) / account_step * account_step;
  if (rounded == accounted_) return;
  const bool grew = rounded > accounted_;
  if (grew) {
    home_.buffers().take(rounded - accounted_);
  } else {
    home_.buffers().give_back(accounted_ - rounded);
  }
  accounted_ = rounded;
  if (grew && home_.buffers().exceeded()) home_.close_fullest();
}

}  // namespace factord::net
