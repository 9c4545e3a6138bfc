#include "storage/engine/memory_engine.hpp"

#include <algorithm>
#include <limits>
#include <thread>
#include <utility>

#include "storage/base/canary.hpp"
#include "storage/base/check.hpp"
#include "storage/model/event_value.hpp"
#include "storage/model/keys.hpp"

namespace factord::storage {

namespace {

error refused() { return {errc::storage_failed, "an earlier write failed"}; }

}  // namespace

memory_engine::memory_engine(std::string store_id, durability mode)
    : store_id_(std::move(store_id)),
      mode_(mode),
      head_(empty_log_head(store_id_)),
      durable_head_(head_) {}

void memory_engine::fail_commit(std::uint64_t k, bool kept) {
  const std::lock_guard lock{mutex_};
  fail_in_ = k;
  fail_keeps_ = kept;
}

void memory_engine::fail_load(std::uint64_t k) {
  const std::lock_guard lock{mutex_};
  fail_load_in_ = k;
}

void memory_engine::damage(std::string key) {
  const std::lock_guard lock{mutex_};
  damaged_.insert(std::move(key));
}

/// The caller holds the mutex.
result<void> memory_engine::check_readable(std::string_view key) const {
  if (!damaged_.contains(key)) return {};
  return error{errc::corruption, "a state that was damaged"};
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
  for (; !undo_.empty(); undo_.pop_back()) apply(undo_.back());
  head_ = durable_head_;
  if (kept_) {
    for (const change& wanted : kept_->changes) apply(wanted);
    head_ = durable_head_ = kept_->head;
    kept_.reset();
  }
  failed_ = open_ = false;
  background_failure_.reset();
}

bool memory_engine::in_transaction() const {
  const std::lock_guard lock{mutex_};
  return open_;
}

void memory_engine::stop() {
  on_background_failure({});
  // Before it counts as stopped: what was asked for may still read.
  if (walks_ != nullptr) walks_->wait();
  const std::lock_guard lock{mutex_};
  stopped_ = true;
}

/// The caller holds the mutex.
void memory_engine::check_running() const { FACTORD_CHECK(!stopped_); }

log_head memory_engine::durable_head() const {
  const std::lock_guard lock{mutex_};
  return durable_head_;
}

const std::string& memory_engine::store_id() const noexcept { return store_id_; }

durability memory_engine::mode() const noexcept { return mode_; }

result<log_head> memory_engine::load(state_table& table) {
  const std::lock_guard lock{mutex_};
  check_running();
  open_ = false;
  if (failed_) return refused();
  if (fail_load_in_ > 0 && --fail_load_in_ == 0) {
    return error{errc::io_error, "a load that was made to fail"};
  }
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (const auto readable = check_readable(table.key(i)); !readable) return readable.error();
    const auto found = states_.find(table.key(i));
    table.set_loaded(
        i, found == states_.end() ? std::nullopt : std::optional<std::string_view>{found->second});
  }
  open_ = true;
  return head_;
}

result<void> memory_engine::commit(const state_table& table, std::span<const new_event> events) {
  std::chrono::microseconds delay{};
  {
    const std::lock_guard lock{mutex_};
    delay = delay_;
  }
  if (delay.count() > 0) std::this_thread::sleep_for(delay);

  const std::lock_guard lock{mutex_};
  if (failed_) return refused();
  FACTORD_CHECK(std::exchange(open_, false));
  auto wanted = step_of(table, events);
  if (!wanted) return wanted.error();
  if (fail_in_ > 0 && --fail_in_ == 0) {
    failed_ = true;
    if (fail_keeps_ && mode_ == durability::disk) kept_ = std::move(*wanted);
    return error{errc::io_error, "a commit that was made to fail"};
  }
  const bool durable = mode_ == durability::disk && !planted(canary::answer_before_sync);
  for (const change& one : wanted->changes) {
    if (!durable) {
      const auto found = one.map->find(one.key);
      undo_.push_back({one.map, one.key,
                       found == one.map->end() ? std::nullopt : std::optional{found->second}});
    }
    apply(one);
  }
  head_ = wanted->head;
  if (durable) durable_head_ = head_;
  return {};
}

result<memory_engine::step> memory_engine::step_of(const state_table& table,
                                                   std::span<const new_event> events) {
  step wanted{.changes = {}, .head = head_};
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (!table.changed(i)) continue;
    const auto record = table.record(i);
    wanted.changes.push_back({&states_, std::string{table.key(i)},
                              record ? std::optional<std::string>{*record} : std::nullopt});
  }
  std::string key;
  for (const new_event& event : events) {
    FACTORD_CHECK(event.sequence == wanted.head.sequence + 1);
    const auto head = head_at(event.sequence, event.value);
    if (!head) return head.error();
    wanted.head = *head;
    set_event_key(key, event.sequence);
    wanted.changes.push_back({&events_, key, std::string{event.value}});
    set_user_event_key(key, event.user_id, event.sequence);
    wanted.changes.push_back({&user_events_, key, std::string{}});
  }
  return wanted;
}

void memory_engine::apply(const change& wanted) {
  if (wanted.value) {
    wanted.map->insert_or_assign(wanted.key, *wanted.value);
  } else {
    wanted.map->erase(wanted.key);
  }
}

void memory_engine::abandon() {
  const std::lock_guard lock{mutex_};
  open_ = false;
}

result<void> memory_engine::sync() {
  const std::lock_guard lock{mutex_};
  if (failed_) return refused();
  undo_.clear();
  durable_head_ = head_;
  return {};
}

result<states_answer> memory_engine::states_of(std::span<const std::string> keys) const {
  const std::lock_guard lock{mutex_};
  check_running();
  states_answer answer;
  answer.head = head_;
  for (const std::string& key : keys) {
    if (const auto readable = check_readable(key); !readable) return readable.error();
    const auto found = states_.find(key);
    answer.records.push_back(found == states_.end() ? std::nullopt : std::optional{found->second});
  }
  return answer;
}

void memory_engine::read_states(std::span<const std::string> keys,
                                callback<states_answer> done) const {
  done(states_of(keys));
}

void memory_engine::walk(std::function<void()> range) const {
  {
    const std::lock_guard lock{mutex_};
    check_running();
  }
  if (walks_ == nullptr) return range();
  walks_->run(std::move(range));
}

void memory_engine::read_events(std::uint64_t after, std::size_t limit,
                                callback<events_answer> done) const {
  walk([this, after, limit, done = std::move(done)] { done(events_after(after, limit)); });
}

events_answer memory_engine::events_after(std::uint64_t after, std::size_t limit) const {
  const std::lock_guard lock{mutex_};
  events_answer answer;
  answer.head = head_;
  std::string key;
  set_event_key(key, after);
  for (auto at = events_.upper_bound(key); at != events_.end() && limit > 0; ++at, --limit) {
    answer.events.push_back({read_sequence(at->first), at->second});
  }
  return answer;
}

/// The caller holds the mutex.
events_answer memory_engine::read_user_range(std::string_view user_id, std::uint64_t after,
                                             std::size_t limit) const {
  events_answer answer;
  answer.head = head_;
  std::string key;
  set_user_event_key(key, user_id, after);
  for (auto at = user_events_.upper_bound(key); at != user_events_.end() && limit > 0;
       ++at, --limit) {
    const user_event_key parts = split_user_event_key(at->first);
    if (parts.user_id != user_id) break;
    set_event_key(key, parts.sequence);
    answer.events.push_back({parts.sequence, events_.at(key)});
  }
  return answer;
}

void memory_engine::read_user_events(std::string_view user_id, std::uint64_t after,
                                     std::size_t limit, callback<events_answer> done) const {
  walk([this, id = std::string{user_id}, after, limit, done = std::move(done)] {
    std::unique_lock lock{mutex_};
    events_answer answer = read_user_range(id, after, limit);
    lock.unlock();
    done(std::move(answer));
  });
}

void memory_engine::read_last_user_event(std::string_view user_id,
                                         callback<events_answer> done) const {
  events_answer answer;
  {
    const std::lock_guard lock{mutex_};
    check_running();
    std::string key;
    set_user_event_key(key, user_id, std::numeric_limits<std::uint64_t>::max());
    auto at = user_events_.upper_bound(key);
    const user_event_key last =
        at == user_events_.begin() ? user_event_key{} : split_user_event_key(std::prev(at)->first);
    const bool found = last.sequence > 0 && last.user_id == user_id;
    answer = read_user_range(user_id, found ? last.sequence - 1 : head_.sequence, 1);
  }
  done(std::move(answer));
}

void memory_engine::scan_states(std::string_view prefix, std::string_view after, std::size_t limit,
                                callback<std::vector<key_value>> done) const {
  walk([this, of = std::string{prefix}, above = std::string{after}, limit, done = std::move(done)] {
    done(states_between(of, above, limit));
  });
}

std::vector<key_value> memory_engine::states_between(std::string_view prefix,
                                                     std::string_view after,
                                                     std::size_t limit) const {
  const std::lock_guard lock{mutex_};
  std::vector<key_value> answer;
  auto at = after < prefix ? states_.lower_bound(prefix) : states_.upper_bound(after);
  for (; at != states_.end() && at->first.starts_with(prefix) && limit > 0; ++at, --limit) {
    answer.push_back({at->first, at->second});
  }
  return answer;
}

void memory_engine::scan_user_events(std::string_view after, std::size_t limit,
                                     callback<std::vector<std::string>> done) const {
  walk([this, above = std::string{after}, limit, done = std::move(done)] {
    done(user_event_keys_after(above, limit));
  });
}

std::vector<std::string> memory_engine::user_event_keys_after(std::string_view after,
                                                              std::size_t limit) const {
  const std::lock_guard lock{mutex_};
  std::vector<std::string> answer;
  for (auto at = user_events_.upper_bound(after); at != user_events_.end() && limit > 0;
       ++at, --limit) {
    answer.push_back(at->first);
  }
  return answer;
}

}  // namespace factord::storage
