#pragma once

#include <chrono>
#include <functional>
#include <string_view>

#include "server/base/progress_watch.hpp"
#include "server/base/readiness.hpp"
#include "storage/commit/commit_queue.hpp"
#include "storage/engine/engine.hpp"

namespace factord::net {

/// Told how a server's life goes on, in lines as sd_notify(3) has them.
using life_listener = std::function<void(std::string_view state)>;

/// Tells whoever runs the server how its life goes on, and looks whether its commit thread gets on:
/// where it does not, because its disk does not answer, the process is not ready, and gives no sign
/// of life until it does. Shard 0's thread.
class life_signs {
 public:
  using clock = std::chrono::steady_clock;

  /// `listener` may be empty; `watchdog` is how often it wants a sign of life, 0 for never. All
  /// outlive this.
  life_signs(const life_listener& listener, std::chrono::milliseconds watchdog,
             const storage::engine& store, const storage::commit_queue& queue,
             readiness_state& state);

  void ready() const { tell("READY=1\nSTATUS=serving"); }
  void reloading() const;
  void stopping() const { tell("STOPPING=1\nSTATUS=draining"); }
  void failed() const { tell("STOPPING=1\nSTATUS=the storage failed"); }

  /// How long to wait before each look().
  [[nodiscard]] std::chrono::milliseconds interval() const noexcept { return interval_; }
  void look(clock::time_point now);

 private:
  void tell(std::string_view state) const {
    if (listener_) listener_(state);
  }

  const life_listener& listener_;
  const std::chrono::milliseconds watchdog_;
  const std::chrono::milliseconds interval_;
  const storage::commit_queue& queue_;
  readiness_state& state_;
  progress_watch commits_;
  bool stuck_ = false;
};

}  // namespace factord::net
