#pragma once

#include <cstddef>
#include <vector>

#include "server/base/limits.hpp"
#include "server/base/readiness.hpp"
#include "server/protocol/rpc/health.hpp"
#include "server/protocol/wire/codec.hpp"

namespace factord::protocol {

/// The Watch calls of one connection. Each is an open stream, or turn, and counts as one; it keeps
/// no connection from being idle, and none from ending. What is waiting to be sent to a client that
/// does not read is a status for each change that a sweep sees, as long as a write may take; behind
/// another Watch of HTTP/1.1, as long as a connection may be idle. One thread.
class health_watches {
 public:
  explicit health_watches(const limits& bounds) : bounds_(bounds) {}

  /// Of a request that begin_watch() answered and `to` was given.
  void keep(const health_watch& begun, const codec& to);

  /// Tells each a status that is news to it. Regularly: it forgets those whose clients are gone.
  void tell(readiness state, codec& to);

  /// Ends them all.
  void end(readiness state, codec& to);

  [[nodiscard]] std::size_t held_bytes() const noexcept {
    return open_.capacity() * sizeof(health_watch);
  }

 private:
  void forget_gone(const codec& to);

  const limits& bounds_;
  std::vector<health_watch> open_;
};

}  // namespace factord::protocol
