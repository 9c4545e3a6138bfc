#include "tests/support/loopback_connection.hpp"

#include <algorithm>

#include "server/protocol/run_steps.hpp"
#include "storage/base/check.hpp"

namespace factord::testing {

class loopback_connection::socket {
 public:
  explicit socket(loopback_connection& owner) : owner_(owner) {}

  void write(std::string_view bytes) {
    using enum protocol::connection_machine::write_end;
    FACTORD_CHECK(!owner_.shut_ && !owner_.closed_ && !owner_.waits_for_room_ && !bytes.empty());
    if (owner_.gone_) return owner_.machine_.wrote(0, failed);
    // As a socket does it: what there is room for, and only then that there is none.
    const std::size_t sent = std::min(bytes.size(), owner_.room_);
    owner_.sent_ += bytes.substr(0, sent);
    if (owner_.room_ != everything) owner_.room_ -= sent;
    owner_.waits_for_room_ = sent == 0;
    owner_.machine_.wrote(sent, sent == 0 ? full : done);
  }
  void shut_down() {
    FACTORD_CHECK(!owner_.shut_ && !owner_.closed_);
    owner_.shut_ = true;
  }
  void close() {
    FACTORD_CHECK(!owner_.closed_);
    owner_.closed_ = true;
  }
  void relieve() {
    if (owner_.on_relieve) owner_.on_relieve();
  }
  void yield() { FACTORD_CHECK(!std::exchange(owner_.yielded_, true)); }

 private:
  loopback_connection& owner_;
};

void loopback_connection::act() {
  socket mine(*this);
  protocol::run_steps(machine_, mine);
  while (!shares_turns && std::exchange(yielded_, false)) {
    machine_.resumed(now_);
    protocol::run_steps(machine_, mine);
  }
  if (reading_ || !machine_.wants_read()) return;
  lent_ = machine_.lend();
  reading_ = true;
  for (std::span<char> rest = lent_; !rest.empty();) {
    const std::size_t some = std::min(rest.size(), rubbish.size());
    std::copy_n(rubbish.begin(), some, rest.begin());
    rest = rest.subspan(some);
  }
}

bool loopback_connection::resume() {
  if (!std::exchange(yielded_, false)) return false;
  machine_.resumed(now_);
  act();
  return true;
}

bool loopback_connection::fill_read(std::size_t most) {
  if (!reading_ || filled_) return false;
  failed_ = closed_;
  filled_bytes_ = failed_ ? 0 : std::min({unread(), lent_.size(), most});
  if (filled_bytes_ == 0 && !(ended_ && unread() == 0) && !failed_) return false;
  arrived_.copy(lent_.data(), filled_bytes_, read_);
  read_ += filled_bytes_;
  if (read_ > arrived_.size() / 2) arrived_.erase(0, std::exchange(read_, 0));
  return filled_ = true;
}

bool loopback_connection::finish_read() {
  if (!filled_) return false;
  reading_ = filled_ = false;
  if (failed_) {
    machine_.input_failed();
  } else if (filled_bytes_ == 0) {
    machine_.input_ended(now_);
  } else {
    machine_.received(filled_bytes_, now_);
  }
  act();
  return true;
}

bool loopback_connection::read_all(std::size_t most) {
  bool moved = finish_read();
  while (fill_read(most)) moved = finish_read();
  return moved;
}

void loopback_connection::reset() {
  gone_ = true;
  if (std::exchange(reading_, false)) {
    filled_ = false;
    machine_.input_failed();
  } else {
    machine_.close();
  }
  act();
}

void loopback_connection::set_room(std::size_t bytes) {
  room_ = bytes;
  if (room_ == 0 || !std::exchange(waits_for_room_, false) || closed_) return;
  machine_.writable(now_);
  act();
}

void loopback_connection::answered() {
  machine_.answered(now_);
  act();
}

void loopback_connection::sweep(time_point now) {
  now_ = now;
  machine_.sweep(now);
  act();
}

void loopback_connection::drain() {
  machine_.drain(now_);
  act();
}

void loopback_connection::close() {
  machine_.close();
  act();
}

}  // namespace factord::testing
