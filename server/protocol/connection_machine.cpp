#include "server/protocol/connection_machine.hpp"

#include <utility>

#include "server/protocol/flag_guard.hpp"
#include "storage/base/check.hpp"

namespace factord::protocol {
namespace {

// Buffers are counted in steps, so that the shared count is touched only when one grows or shrinks.
constexpr std::size_t account_step = 4096;
// Memory of output above this is given back once it is sent.
constexpr std::size_t kept_output = 16U << 10U;
constexpr std::size_t kept_encrypted = 4U << 10U;
// Input beyond the longest header: room to read pipelined requests in fewer steps.
constexpr std::size_t read_ahead = 8U << 10U;

void erase_sent(std::string& out, std::size_t sent, std::size_t kept) {
  out.erase(0, sent);
  if (out.empty() && out.capacity() > kept) out = std::string();
}

}  // namespace

connection_machine::connection_machine(const session_environment& with, budget& buffers,
                                       const tls_context* encryption, surface routes,
                                       service::ticket name, time_point now, host_rule hosts)
    : bounds_(with.bounds),
      buffers_(buffers),
      opened_at_(now),
      session_(with, routes, name, hosts),
      in_(bounds_.header_bytes + read_ahead),
      tls_(encryption == nullptr ? nullptr : std::make_unique<tls_stream>(*encryption)),
      now_(now),
      active_at_(now) {}

connection_machine::~connection_machine() { buffers_.give_back(accounted_); }

bool connection_machine::wants_read() const {
  if (reading_ || running_ || eof_) return false;
  if (state_ == state::lingering) return true;
  if (state_ != state::open || buffers_.exceeded()) return false;
  // TLS may answer what is read, and what it has read already comes first.
  if (tls_ != nullptr && (tls_->is_full() || tls_->readable())) return false;
  return session_.wants_input();
}

std::span<char> connection_machine::lend() {
  FACTORD_CHECK(!reading_ && !running_);
  reading_ = true;
  reading_tls_ = tls_ != nullptr && state_ == state::open;
  const std::span<char> space = reading_tls_ ? tls_->lend() : in_.lend();
  // The session wants more only where it takes what is there.
  FACTORD_CHECK(!space.empty());
  return space;
}

void connection_machine::received(std::size_t bytes, time_point now) {
  FACTORD_CHECK(reading_);
  reading_ = false;
  if (reading_tls_) {
    tls_->commit(bytes);
  } else {
    in_.commit(bytes);
  }
  if (state_ == state::lingering) return discard(bytes);
  // Bytes of TLS that make none of HTTP are no progress.
  now_ = now;
  if (tls_ == nullptr) progress(now);
}

void connection_machine::input_ended(time_point now) {
  received(0, now);
  if (state_ == state::lingering) return close();
  eof_ = true;
  progress(now);
}

void connection_machine::input_failed() {
  received(0, now_);
  close();
}

void connection_machine::progress(time_point now) {
  now_ = active_at_ = now;
  session_.set_time(now);
}

bool connection_machine::hand_over(void (session::*what)(service::call&), service::call& pending) {
  const bool outside = !running_;
  const flag_guard guard(running_);
  (session_.*what)(pending);
  return outside;
}

connection_machine::step connection_machine::next() {
  using enum step::kind;
  if (running_) return {wait, {}};
  if (state_ == state::open) {
    const step found = next_while_open();
    if (found.what != wait) return found;
  }
  if (state_ == state::ending) return next_while_ending();
  if (state_ == state::lingering && grows_over_limit()) return {relieve, {}};
  if (state_ != state::closing) return {wait, {}};
  state_ = state::closed;
  return {close, {}};
}

// Runs what the session takes, and sends what can be sent, which may make room for more input.
connection_machine::step connection_machine::next_while_open() {
  std::string_view bytes;
  do {
    for (bool more = true; more;) {
      const bool wanted = session_.wants_input();
      more = wanted && take_input();
      bytes = to_send();
      if (state_ != state::open) return {};
      if (!bytes.empty() && !write_blocked_) return {step::kind::write, bytes};
      // What was handed to TLS, or to HTTP/2's frames, may have made room.
      more = more || session_.has_request() || (!wanted && session_.wants_input());
    }
  } while (take_end_of_input() || resume_streams());
  if (grows_over_limit()) return {step::kind::relieve, {}};
  if (session_.wants_a_turn() && !std::exchange(yielded_, true)) return {step::kind::yield, {}};
  if (bytes.empty() && session_.output().empty() && session_.finished()) end(lingering::yes);
  return {};
}

// What the session wants. True where there is more that it may take at once.
bool connection_machine::take_input() {
  const bool decrypted = decrypt();
  if (state_ != state::open) return false;
  const flag_guard guard(running_);
  const std::size_t taken = session_.receive(in_.view());
  in_.consume(taken);
  return (taken > 0 && !in_.empty()) || ((decrypted || taken > 0) && may_decrypt());
}

// Reading may make TLS say something, so not while it has much to say.
bool connection_machine::may_decrypt() const {
  return tls_ != nullptr && tls_->readable() && !tls_->is_full();
}

// One record at most, so that the session keeps up; none where it has just begun to want what is
// there, a bulk that has taken its lines say. True where there was something.
bool connection_machine::decrypt() {
  if (!may_decrypt()) return false;
  const std::span<char> space = in_.lend();
  if (space.empty()) {
    in_.commit(0);
    return false;
  }
  const std::size_t bytes = tls_->read(space);
  in_.commit(bytes);
  const auto version = tls_->take_agreed();
  if (version) session_.agree_on(*version);
  if (tls_->ended()) eof_ = true;
  if (tls_->broken()) end(lingering::yes);
  const bool any = bytes > 0 || version || eof_;
  if (any) progress(now_);
  return any;
}

bool connection_machine::resume_streams() {
  if (!session_.has_streams()) return false;
  const flag_guard guard(running_);
  return session_.resume_streams();
}

// True where the session was told just now.
bool connection_machine::take_end_of_input() {
  if (!eof_ || eof_told_ || !session_.wants_input()) return false;
  if (tls_ != nullptr && tls_->readable()) return false;  // what came before it comes first
  eof_told_ = true;
  in_.clear();  // half a request: it will never be whole
  session_.end_of_input();
  return true;
}

// During a handshake only TLS itself may send.
std::string_view connection_machine::to_send() {
  session_.fill_output();
  std::string& out = session_.output();
  if (tls_ == nullptr) return out;
  if (!handshaking() && !out.empty() && state_ == state::open) {
    erase_sent(out, tls_->write(out), kept_output);
    if (tls_->broken()) end(lingering::yes);
  }
  return tls_->unsent();
}

void connection_machine::wrote(std::size_t bytes, write_end how) {
  if (how == write_end::failed) return close();
  if (tls_ == nullptr) {
    erase_sent(session_.output(), bytes, kept_output);
  } else {
    erase_sent(tls_->unsent(), bytes, kept_encrypted);
  }
  if (how == write_end::done) return;
  write_blocked_ = true;
  write_since_ = now_;
}

void connection_machine::writable(time_point now) {
  write_blocked_ = false;
  progress(now);
}

void connection_machine::resumed(time_point now) {
  yielded_ = false;
  session_.begin_turn();
  progress(now);
}

// A close with unread input would make the kernel send a reset, which may destroy the answer that
// is still on its way (RFC 9112, section 9.6).
void connection_machine::end(lingering after) {
  state_ = state::ending;
  after_ending_ = eof_ ? lingering::no : after;
  if (tls_ != nullptr) tls_->end();
}

// What TLS has to say is said if there is room for it; it is not worth a wait.
connection_machine::step connection_machine::next_while_ending() {
  if (tls_ != nullptr && !tls_->unsent().empty() && !write_blocked_)
    return {step::kind::write, tls_->unsent()};
  in_.clear();
  if (after_ending_ == lingering::yes) {
    state_ = state::lingering;
    lingering_since_ = now_;
  } else {
    close();
  }
  return {step::kind::shut_down, {}};
}

void connection_machine::discard(std::size_t bytes) {
  in_.clear();
  discarded_ += bytes;
  if (discarded_ >= bounds_.discard_bytes) close();
}

void connection_machine::drain(time_point now) {
  now_ = now;
  if (state_ != state::open) return;
  const bool idle = session_.output().empty() && session_.idle() && in_.empty();
  session_.drain();
  // Nobody waits for an answer, so nothing is lost by a reset. What ends a Watch is yet to be sent.
  if (idle && session_.output().empty() && session_.finished()) end(lingering::no);
}

void connection_machine::close() {
  if (state_ == state::closing || state_ == state::closed) return;
  state_ = state::closing;
  // At once, not when this is destroyed: whoever looks for memory to free must not find this one.
  buffers_.give_back(std::exchange(accounted_, 0));
}

void connection_machine::sweep(time_point now) {
  now_ = now;
  if (state_ == state::lingering) {
    if (now - lingering_since_ >= bounds_.discard_time) close();
    return;
  }
  if (state_ != state::open) return;
  if (handshaking()) {
    if (now - opened_at_ >= bounds_.tls_handshake_time) close();
    return;
  }
  if (write_blocked_) {
    if (now - write_since_ >= bounds_.write_time) close();
    return;
  }
  // Nobody is late while it is us who do not read. What is owed behind the end of input is in time.
  const bool listening = reading_ || eof_told_;
  session_.sweep(now, listening);
  // Nothing is read either where a Watch holds the last turn there is: nobody waits for us then.
  const bool waits = listening || !session_.wants_input();
  const bool silent = waits && session_.idle() && session_.output().empty();
  if (silent && now - active_at_ >= bounds_.idle_time) drain(now);
}

bool connection_machine::grows_over_limit() {
  const std::size_t bytes = in_.capacity() + session_.output().capacity() + session_.held_bytes() +
                            (tls_ == nullptr ? 0 : tls_->held_bytes());
  const std::size_t rounded = (bytes + account_step - 1) / account_step * account_step;
  if (rounded == accounted_) return false;
  const bool grew = rounded > accounted_;
  if (grew) {
    buffers_.take(rounded - accounted_);
  } else {
    buffers_.give_back(accounted_ - rounded);
  }
  accounted_ = rounded;
  return grew && buffers_.exceeded();
}

}  // namespace factord::protocol
