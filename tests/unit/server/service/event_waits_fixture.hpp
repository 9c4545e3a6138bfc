#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "tests/unit/support/service_fixture.hpp"

namespace factord::service {

/// A service whose calls may wait for the log to grow, and who else writes.
class event_waits_fixture : public service_fixture {
 protected:
  event_waits_fixture() {
    hooks_.committed = [this](std::span<const storage::event_type>) {
      if (watched_) users_->log_grew();
    };
    hooks_.tokens_changed = [this](std::uint64_t epoch) { token_epoch_.see(epoch); };
    hooks_.complete = [this](std::uint32_t, std::span<storage::command* const> done) {
      for (storage::command* finished : done) answered_.push_back(static_cast<call*>(finished));
    };
    queue_ = std::make_unique<storage::commit_queue>(store_, storage::commit_limits{}, hooks_, 1);
    use_service(store_);
  }

  void use_service(storage::engine& store) {
    users_ = std::make_unique<user_service>(environment{
        .store = store,
        .queue = *queue_,
        .token_epoch = token_epoch_,
        .tally = tally_,
        .now = [this] { return now_; },
        .steady_now = [this] { return steady_now_; },
        .random = draw_,
        .started_at = start_time,
        .run_on_shard =
            [this](const std::function<void()>& run) { defer_ ? later_.push_back(run) : run(); },
        .deliver = [this](call& done) { answered_.push_back(&done); },
        .wanted = [this](const call& pending) { return &pending != gone_; },
        .watch_log = [this](bool watched) { watched_ = watched; },
        .streams = streams_,
        .issuers = issuers_,
        .take_turn =
            [this](const std::function<void()>& run) { defer_ ? turns_.push_back(run) : run(); },
    });
  }

  /// Begins to wait behind all there is.
  call& wait(std::string_view by, std::chrono::seconds time = std::chrono::seconds{30}) {
    call& pending = make(operation::list_events, by);
    pending.in.after = last_sequence();
    pending.in.wait = time;
    start(pending);
    return pending;
  }
  void start(call& pending) {
    answered_.clear();
    users_->start(pending);
  }
  /// Does a write, as somebody else: what waits may be answered then.
  void write(operation op, std::string_view user_id) {
    call& pending = make(op, admin(), user_id);
    users_->start(pending);
    while (queue_->run_batch(now_)) {
    }
    ASSERT_EQ(pending.out.code, status_code::ok) << pending.out.message;
  }
  /// So many times, since one began to wait.
  [[nodiscard]] std::size_t answers(const call& pending) const {
    return static_cast<std::size_t>(std::ranges::count(answered_, &pending));
  }

  storage::commit_hooks hooks_;
  bool watched_ = false;
  bool defer_ = false;
  std::vector<std::function<void()>> later_;
  std::vector<std::function<void()>> turns_;
  const call* gone_ = nullptr;
  budget* streams_ = nullptr;
  const jwt_issuers* issuers_ = nullptr;
};

}  // namespace factord::service
