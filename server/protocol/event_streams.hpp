#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "server/protocol/wire/codec.hpp"
#include "server/service/call.hpp"

namespace factord::protocol {

/// The streams of events of one connection. Each is a call that is answered in parts: while a part
/// is on its way out the call rests here, and goes back to the service once there is room for the
/// next. So a slow reader makes nobody read ahead for it, and keeps nobody else waiting. One
/// thread.
class event_streams {
 public:
  /// A client, and what stands between, hear something of a stream at least so often.
  static constexpr std::chrono::seconds pause_time{15};

  using pause_writer = std::function<void(const service::call& of, response& out)>;

  /// `part` was given to the codec.
  void rest(service::call& part, codec::time_point now);
  /// It was answered to its end.
  void forget(const service::call& ended);

  /// Takes one that rests no longer: there is room for its next part, or nobody waits for that.
  /// Null where there is none.
  [[nodiscard]] service::call* take(const codec& to, bool input_ended);

  /// Says something on those that have said nothing for long. Regularly.
  void sweep(codec::time_point now, codec& to, const pause_writer& write);

  [[nodiscard]] bool empty() const noexcept { return open_.empty(); }

  /// How far the log was given to the one that is furthest behind of those that rest; nothing where
  /// none does. Who has been given all of it does not rest.
  [[nodiscard]] std::optional<std::uint64_t> least_position() const;

  /// Calls that rest, for whoever ends with the connection.
  [[nodiscard]] std::vector<service::call*> resting() const;

  [[nodiscard]] std::size_t held_bytes() const noexcept {
    return open_.capacity() * sizeof(stream);
  }

 private:
  struct stream {
    service::call* of;
    bool resting;
    codec::time_point said_at;
  };

  std::vector<stream> open_;
};

}  // namespace factord::protocol
