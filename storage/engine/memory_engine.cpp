#include "storage/engine/memory_engine.hpp"

#include <thread>
#include <utility>

#include "storage/base/check.hpp"

namespace factord::storage {

namespace {

error refused() { return {errc::storage_failed, "an earlier write failed"}; }

}  // namespace

memory_engine::memory_engine(std::string store_id, durability mode)
    : memory_engine(std::make_shared<memory_store>(std::move(store_id), mode)) {}

memory_engine::memory_engine(std::shared_ptr<memory_store> shared) : store_(std::move(shared)) {}

void memory_engine::fail_commit(std::uint64_t k, bool kept) {
  const std::lock_guard lock{mutex_};
  fail_in_ = k;
  fail_keeps_ = kept;
}

void memory_engine::refuse_commits(std::uint64_t count, commit_status how) {
  const std::lock_guard lock{mutex_};
  refuse_commits_ = count;
  refusal_ = how;
}

void memory_engine::fail_load(std::uint64_t k) {
  const std::lock_guard lock{mutex_};
  fail_load_in_ = k;
}

void memory_engine::refuse_loads(std::uint64_t count, std::uint64_t after) {
  const std::lock_guard lock{mutex_};
  refuse_loads_ = count;
  before_refusing_ = after;
}

void memory_engine::fail_in_background() {
  const std::lock_guard lock{mutex_};
  failed_ = true;
  background_failure_ = error{errc::io_error, "background work that was made to fail"};
  if (tell_) tell_(*background_failure_);
}

void memory_engine::on_background_failure(std::function<void(const error& failure)> tell) {
  const std::lock_guard lock{mutex_};
  tell_ = std::move(tell);
  if (background_failure_ && tell_) tell_(*background_failure_);
}

void memory_engine::walk_apart() { walks_ = std::make_unique<reader_thread>(); }

void memory_engine::delay_commits(std::chrono::microseconds delay) {
  const std::lock_guard lock{mutex_};
  delay_ = delay;
}

void memory_engine::lose_volatile() {
  const std::lock_guard lock{mutex_};
  store_->lose_volatile();
  failed_ = false;
  open_.reset();
  background_failure_.reset();
}

bool memory_engine::in_transaction() const {
  const std::lock_guard lock{mutex_};
  return open_.has_value();
}

void memory_engine::stop() {
  on_background_failure({});
  // Before it counts as stopped: what was asked for may still read.
  if (walks_ != nullptr) walks_->wait();
  const std::lock_guard lock{mutex_};
  stopped_ = true;
}

void memory_engine::check_running() const {
  const std::lock_guard lock{mutex_};
  FACTORD_CHECK(!stopped_);
}

result<log_head> memory_engine::load(state_table& table) {
  const std::lock_guard lock{mutex_};
  FACTORD_CHECK(!stopped_);
  open_.reset();
  if (failed_) return refused();
  if (refuse_loads_ > 0 && before_refusing_ > 0) {
    --before_refusing_;
  } else if (refuse_loads_ > 0) {
    --refuse_loads_;
    return error{errc::unavailable, "a load that was made to find nobody"};
  }
  if (fail_load_in_ > 0 && --fail_load_in_ == 0) {
    return error{errc::io_error, "a load that was made to fail"};
  }
  const auto seen = store_->load(table);
  if (!seen) return seen.error();
  open_ = *seen;
  return seen->head;
}

result<commit_status> memory_engine::commit(const state_table& table,
                                            std::span<const new_event> events) {
  std::chrono::microseconds delay{};
  {
    const std::lock_guard lock{mutex_};
    delay = delay_;
  }
  if (delay.count() > 0) std::this_thread::sleep_for(delay);

  const std::lock_guard lock{mutex_};
  if (failed_) return refused();
  FACTORD_CHECK(open_);
  const memory_store::snapshot seen = *std::exchange(open_, std::nullopt);
  if (refuse_commits_ > 0) {
    --refuse_commits_;
    return refusal_;
  }
  if (fail_in_ > 0 && --fail_in_ == 0) {
    failed_ = true;
    if (fail_keeps_) {
      const auto left = store_->leave_in_doubt(seen, table, events);
      if (!left) return left.error();
    }
    return error{errc::io_error, "a commit that was made to fail"};
  }
  return store_->commit(seen, table, events);
}

void memory_engine::abandon() {
  const std::lock_guard lock{mutex_};
  open_.reset();
}

result<void> memory_engine::sync() {
  const std::lock_guard lock{mutex_};
  if (failed_) return refused();
  store_->sync();
  return {};
}

result<log_head> memory_engine::reset() {
  const std::lock_guard lock{mutex_};
  FACTORD_CHECK(!open_);
  if (failed_) return refused();
  return store_->reset();
}

void memory_engine::walk(std::function<void()> range) const {
  check_running();
  if (walks_ == nullptr) return range();
  walks_->run(std::move(range));
}

void memory_engine::read_states(std::span<const std::string> keys,
                                callback<states_answer> done) const {
  check_running();
  done(store_->states_of(keys));
}

void memory_engine::read_events(std::uint64_t after, std::size_t limit,
                                callback<events_answer> done) const {
  walk([this, after, limit, done = std::move(done)] { done(store_->events_after(after, limit)); });
}

void memory_engine::read_user_events(std::string_view user_id, std::uint64_t after,
                                     std::size_t limit, callback<events_answer> done) const {
  walk([this, id = std::string{user_id}, after, limit, done = std::move(done)] {
    done(store_->user_events_after(id, after, limit));
  });
}

void memory_engine::read_last_user_event(std::string_view user_id,
                                         callback<events_answer> done) const {
  check_running();
  done(store_->last_user_event(user_id));
}

void memory_engine::scan_states(std::string_view prefix, std::string_view after, std::size_t limit,
                                callback<std::vector<key_value>> done) const {
  walk([this, of = std::string{prefix}, above = std::string{after}, limit, done = std::move(done)] {
    done(store_->states_between(of, above, limit));
  });
}

void memory_engine::scan_user_events(std::string_view after, std::size_t limit,
                                     callback<std::vector<std::string>> done) const {
  walk([this, above = std::string{after}, limit, done = std::move(done)] {
    done(store_->user_event_keys_after(above, limit));
  });
}

}  // namespace factord::storage
