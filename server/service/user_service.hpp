#pragma once

#include <functional>

#include "server/service/authenticator.hpp"
#include "server/service/call.hpp"
#include "server/service/environment.hpp"
#include "server/service/preparation.hpp"
#include "server/service/queries.hpp"

namespace factord::service {

/// Runs calls: authenticates, refuses what can be refused without a look-up, gives commands to the
/// commit queue and queries to the engine's readers. One per shard, with its own cache of token
/// verdicts; used by its shard's thread only.
class user_service {
 public:
  explicit user_service(const environment& with);
  user_service(const user_service&) = delete;
  user_service& operator=(const user_service&) = delete;

  /// The call must stay alive until it is delivered (by environment.deliver, or by the commit
  /// queue). Its answer is then set. True where it is neither submitted nor delivered yet: what it
  /// takes to admit it is still being looked up. False says nothing of the call, which may be gone.
  /// A line of a bulk that the queue has no room for (answer::no_room) may be started again.
  bool start(call& pending);

  /// The next part of an answer that was delivered in part (answer::more): it is delivered in turn.
  void go_on(call& pending);

  /// Readers see more of the log than before (environment::watch_log).
  void log_grew() { queries_.waits().log_grew(); }
  /// At least once a second: ends the waits whose time is over.
  void sweep() { queries_.waits().sweep(); }
  /// No call waits for the log from now on.
  void drain() { queries_.waits().drain(); }

 private:
  void admit(call& pending);
  void settle(const call& pending) noexcept;
  [[nodiscard]] tally& tally_of(const call& pending) const noexcept;
  void submit(call& pending);
  void deliver(call& pending);
  void deliver_read(call& pending);

  const environment with_;
  const call* starting_ = nullptr;  ///< inside its start(), as long as that is all that happened
  authenticator authenticator_;
  queries queries_;
  preparation preparation_;
  const std::function<void(call&)> admit_;
  const std::function<void(call&)> submit_;
  const std::function<void(call&)> deliver_read_;
};

}  // namespace factord::service
