#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "server/service/call_pool.hpp"
#include "server/service/user_service.hpp"
#include "storage/base/check.hpp"
#include "storage/engine/memory_engine.hpp"

namespace factord {

/// The service of one shard over the memory engine, with nothing around it: a clock that stands
/// still, a queue that runs when it is told to, and random bytes as they are given.
class quiet_service {
 public:
  /// `store` outlives it.
  quiet_service(storage::memory_engine& store, service::random_source random,
                const storage::commit_limits& bounds = {.queue_commands = 256})
      : queue_(store, bounds, hooks(), 1),
        users_({store,
                queue_,
                token_epoch_,
                tally_,
                [] { return timestamp{}; },
                [] { return std::chrono::steady_clock::time_point{}; },
                std::move(random),
                {},
                [](const std::function<void()>& run) { run(); },
                [this](service::call& done) {
                  if (on_answered_at_once) return on_answered_at_once(done);
                  delivered_.push_back(&done);
                }}) {}

  /// Takes the calls that are answered before start() has returned, where it is set.
  std::function<void(service::call&)> on_answered_at_once;

  /// Starts a call and sees it through.
  const service::answer& ask(service::call& pending) {
    users_.start(pending);
    run_queue();
    FACTORD_CHECK(delivered_.size() == 1 && delivered_.front() == &pending);
    delivered_.clear();
    return pending.out;
  }
  /// The same over the admin socket, for what must succeed.
  const service::answer& order(service::call& pending) {
    pending.who.trusted = true;
    const service::answer& told = ask(pending);
    FACTORD_CHECK(told.code == service::status_code::ok);
    return told;
  }

  void run_queue() {
    while (run_batch()) {
    }
  }
  /// False where nothing was waiting.
  bool run_batch() { return queue_.run_batch(timestamp{}); }
  /// The calls that were answered since the last time.
  [[nodiscard]] std::vector<service::call*> take_delivered() {
    return std::exchange(delivered_, {});
  }
  [[nodiscard]] service::user_service& users() noexcept { return users_; }
  [[nodiscard]] const service::counters& tally() const noexcept { return tally_; }

 private:
  storage::commit_hooks hooks() {
    storage::commit_hooks made;
    made.committed = [this](std::span<const storage::event_type> types) {
      tally_.committed(types);
    };
    made.tokens_changed = [this](std::uint64_t epoch) { token_epoch_.see(epoch); };
    made.complete = [this](std::uint32_t, std::span<storage::command* const> done) {
      for (storage::command* one : done) delivered_.push_back(static_cast<service::call*>(one));
    };
    return made;
  }

  service::newest_token_epoch token_epoch_;
  service::counters tally_;
  std::vector<service::call*> delivered_;
  storage::commit_queue queue_;
  service::user_service users_;
};

}  // namespace factord
