#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "tests/simulation/random.hpp"
#include "tests/simulation/scheduler.hpp"

namespace factord::simulation {

/// One direction of a connection: bytes arrive in order, cut anywhere, late. Owned through a
/// shared_ptr; nothing arrives once it is gone or closed.
class pipe : public std::enable_shared_from_this<pipe> {
 public:
  /// `arrive` gets each piece; an empty one is the end.
  pipe(scheduler& time, random_bits& random, std::function<void(std::string_view)> arrive)
      : time_(time), random_(random), arrive_(std::move(arrive)) {}

  void send(std::string_view bytes) {
    const bool whole = random_.percent(60);
    while (!bytes.empty()) {
      const std::size_t size = whole ? bytes.size() : random_.between(1, bytes.size());
      put(bytes.substr(0, size));
      bytes.remove_prefix(size);
    }
  }
  void end() { put({}); }
  /// What is under way never arrives.
  void close() { pieces_.clear(); }

  /// What is under way arrives now, as it does although its sender died.
  void deliver_all() {
    const auto self = shared_from_this();
    while (!pieces_.empty()) deliver_one();
  }

 private:
  void put(std::string_view piece) {
    pieces_.emplace_back(piece);
    const moment delay{random_.percent(10) ? random_.between(1, 5'000) : random_.between(1, 300)};
    time_.after(delay, [weak = weak_from_this()] {
      const auto self = weak.lock();
      if (self && !self->pieces_.empty()) self->deliver_one();
    });
  }
  void deliver_one() {
    const std::string piece = std::move(pieces_.front());
    pieces_.pop_front();
    arrive_(piece);
  }

  scheduler& time_;
  random_bits& random_;
  const std::function<void(std::string_view)> arrive_;
  std::deque<std::string> pieces_;
};

}  // namespace factord::simulation
