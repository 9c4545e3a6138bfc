#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "server/service/call.hpp"
#include "server/service/environment.hpp"

namespace factord::service {

/// The calls of a shard that wait for the log to grow (ListEvents with a wait, or that follow).
/// They hold nothing but themselves meanwhile, and read again each time that it has grown. One
/// thread.
///
///     entered = enter() ──> read ──> park(entered) ──> go on
///                             └────> leave()
class event_waits {
 public:
  using resume = std::function<void(call&)>;

  explicit event_waits(const environment& with) : with_(with) {}

  /// True where a call has asked to wait and may still: its time, which begins when this is first
  /// asked, is not over, somebody waits for its answer, who has shown what is good still, and the
  /// server does not drain. Who follows has all the time.
  [[nodiscard]] bool may_wait(call& pending) const;

  [[nodiscard]] bool draining() const noexcept { return draining_; }

  /// Before the log is read for one that may wait: what it grows by from now on is not missed.
  [[nodiscard]] std::uint64_t enter();
  /// It was answered.
  void leave();
  /// It has found nothing up to `pending.in.after`. Goes on once the log has grown since enter(),
  /// at once where it has already, or once it may not wait any more.
  void park(call& pending, std::uint64_t entered, resume go_on);

  /// The log has grown.
  void log_grew();
  /// Ends what has waited for long enough, and looks whether another process has written. At least
  /// once a second.
  void sweep();
  /// Nobody waits any more.
  void drain();

 private:
  struct waiting {
    call* pending;
    resume go_on;
  };

  void resume_all(const std::function<bool(call&)>& which);
  void look_for_others();

  const environment& with_;
  std::vector<waiting> parked_;
  std::size_t entered_ = 0;  ///< and neither left nor gone on
  std::uint64_t growths_ = 0;
  bool looking_ = false;
  bool draining_ = false;
};

}  // namespace factord::service
