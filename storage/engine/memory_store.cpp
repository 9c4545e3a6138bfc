#include "storage/engine/memory_store.hpp"

#include <iterator>
#include <limits>
#include <utility>

#include "storage/base/canary.hpp"
#include "storage/base/check.hpp"
#include "storage/model/event_value.hpp"
#include "storage/model/keys.hpp"

namespace factord::storage {

memory_store::memory_store(std::string store_id, durability mode)
    : store_id_(std::move(store_id)),
      mode_(mode),
      head_(empty_log_head(store_id_)),
      durable_head_(head_) {}

void memory_store::damage(std::string key) {
  const std::lock_guard lock{mutex_};
  damaged_.insert(std::move(key));
}

result<void> memory_store::check_readable(std::string_view key) const {
  if (!damaged_.contains(key)) return {};
  return error{errc::corruption, "a state that was damaged"};
}

void memory_store::lose_volatile() {
  const std::lock_guard lock{mutex_};
  for (; !undo_.empty(); undo_.pop_back()) apply(undo_.back());
  head_ = durable_head_;
  ++commits_;
  settle();
}

log_head memory_store::durable_head() const {
  const std::lock_guard lock{mutex_};
  return durable_head_;
}

void memory_store::settle() {
  if (in_doubt_) make(*std::exchange(in_doubt_, std::nullopt), true);
}

std::optional<std::string> memory_store::record_of(std::string_view key) const {
  if (is_last_event_key(key)) {
    const std::uint64_t last = last_sequence_of(user_of_last_event_key(key));
    if (last == 0) return std::nullopt;
    std::string record;
    set_event_key(record, last);
    return record;
  }
  const auto found = states_.find(key);
  return found == states_.end() ? std::nullopt : std::optional{found->second};
}

result<memory_store::snapshot> memory_store::load(state_table& table) {
  const std::lock_guard lock{mutex_};
  settle();
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (const auto readable = check_readable(table.key(i)); !readable) return readable.error();
    table.set_loaded(i, record_of(table.key(i)));
  }
  return snapshot{head_, commits_};
}

result<commit_status> memory_store::commit(const snapshot& seen, const state_table& table,
                                           std::span<const new_event> events) {
  const std::lock_guard lock{mutex_};
  if (seen.commits != commits_) return commit_status::conflict;
  auto wanted = step_of(table, events);
  if (!wanted) return wanted.error();
  make(*std::move(wanted), mode_ == durability::disk && !planted(canary::answer_before_sync));
  return commit_status::committed;
}

result<void> memory_store::leave_in_doubt(const snapshot& seen, const state_table& table,
                                          std::span<const new_event> events) {
  const std::lock_guard lock{mutex_};
  if (seen.commits != commits_ || mode_ == durability::process) return {};
  auto wanted = step_of(table, events);
  if (!wanted) return wanted.error();
  in_doubt_ = *std::move(wanted);
  return {};
}

result<memory_store::step> memory_store::step_of(const state_table& table,
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
  wanted.head.token_epoch = token_epoch_after(head_.token_epoch, events);
  return wanted;
}

void memory_store::make(step wanted, bool durable) {
  in_doubt_.reset();
  ++commits_;
  for (change& one : wanted.changes) {
    if (!durable) {
      const auto found = one.map->find(one.key);
      undo_.push_back({one.map, one.key,
                       found == one.map->end() ? std::nullopt : std::optional{found->second}});
    }
    apply(one);
  }
  head_ = wanted.head;
  if (durable) durable_head_ = head_;
}

void memory_store::apply(const change& wanted) {
  if (wanted.value) {
    wanted.map->insert_or_assign(wanted.key, *wanted.value);
  } else {
    wanted.map->erase(wanted.key);
  }
}

void memory_store::sync() {
  const std::lock_guard lock{mutex_};
  undo_.clear();
  durable_head_ = head_;
}

result<states_answer> memory_store::states_of(std::span<const std::string> keys) const {
  const std::lock_guard lock{mutex_};
  states_answer answer;
  answer.head = head_;
  for (const std::string& key : keys) {
    if (const auto readable = check_readable(key); !readable) return readable.error();
    answer.records.push_back(record_of(key));
  }
  return answer;
}

events_answer memory_store::events_after(std::uint64_t after, std::size_t limit) const {
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

events_answer memory_store::user_range(std::string_view user_id, std::uint64_t after,
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

events_answer memory_store::user_events_after(std::string_view user_id, std::uint64_t after,
                                              std::size_t limit) const {
  const std::lock_guard lock{mutex_};
  return user_range(user_id, after, limit);
}

events_answer memory_store::last_user_event(std::string_view user_id) const {
  const std::lock_guard lock{mutex_};
  const std::uint64_t last = last_sequence_of(user_id);
  return user_range(user_id, last > 0 ? last - 1 : head_.sequence, 1);
}

std::uint64_t memory_store::last_sequence_of(std::string_view user_id) const {
  std::string key;
  set_user_event_key(key, user_id, std::numeric_limits<std::uint64_t>::max());
  const auto at = user_events_.upper_bound(key);
  if (at == user_events_.begin()) return 0;
  const user_event_key last = split_user_event_key(std::prev(at)->first);
  return last.user_id == user_id ? last.sequence : 0;
}

std::vector<key_value> memory_store::states_between(std::string_view prefix, std::string_view after,
                                                    std::size_t limit) const {
  const std::lock_guard lock{mutex_};
  std::vector<key_value> answer;
  auto at = after < prefix ? states_.lower_bound(prefix) : states_.upper_bound(after);
  for (; at != states_.end() && at->first.starts_with(prefix) && limit > 0; ++at, --limit) {
    answer.push_back({at->first, at->second});
  }
  return answer;
}

std::vector<std::string> memory_store::user_event_keys_after(std::string_view after,
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
