#include "storage/engine/memory_store.hpp"

#include <array>
#include <limits>
#include <memory>
#include <utility>

#include "storage/base/canary.hpp"
#include "storage/base/check.hpp"
#include "storage/engine/store_id.hpp"
#include "storage/model/event_value.hpp"
#include "storage/model/keys.hpp"

namespace factord::storage {

memory_store::memory_store(std::string store_id, durability mode)
    : mode_(mode),
      id_(std::move(store_id)),
      chain_start_(id_.current()),
      head_(empty_log_head(chain_start_)),
      kept_head_(head_),
      durable_head_(head_) {}

void memory_store::keep() {
  const std::lock_guard lock{mutex_};
  FACTORD_CHECK(undo_.empty() && !in_doubt_);
  for (layered_map* map : {&states_, &events_, &user_events_}) map->keep();
  kept_head_ = head_;
}

log_head memory_store::reset() {
  const auto old = std::make_shared<std::array<layered_map::layer, 3>>();
  log_head head = kept_head_;
  {
    const std::lock_guard lock{mutex_};
    *old = {states_.drop(), events_.drop(), user_events_.drop()};
    undo_.clear();
    in_doubt_.reset();
    // It only goes up: nothing that was found out about a token before holds.
    head.token_epoch = head_.token_epoch + 1;
    head_ = durable_head_ = head;
    ++commits_;
    id_.renew(draw_store_id());
  }
  // To end it may take a while, and readers go on.
  discarding_.join();
  discarding_ = thread("discard", [old] { old->fill({}); });
  return head;
}

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
  const std::string* const found = states_.find(key);
  return found == nullptr ? std::nullopt : std::optional{*found};
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
  make(*std::move(wanted), mode_ != durability::process && !planted(canary::answer_before_sync));
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
      const std::string* const found = one.map->find(one.key);
      undo_.push_back({one.map, one.key, found == nullptr ? std::nullopt : std::optional{*found}});
    }
    apply(one);
  }
  head_ = wanted.head;
  if (durable) durable_head_ = head_;
}

void memory_store::apply(const change& wanted) {
  if (wanted.value) {
    wanted.map->put(wanted.key, *wanted.value);
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
  for (auto at = events_.from(next_key(key)); !at.at_end() && limit > 0; at.next(), --limit) {
    answer.events.push_back({read_sequence(at.key()), at.value()});
  }
  return answer;
}

std::string memory_store::event_at(std::uint64_t sequence) const {
  std::string key;
  set_event_key(key, sequence);
  const std::string* const found = events_.find(key);
  FACTORD_CHECK(found != nullptr);
  return *found;
}

events_answer memory_store::user_range(std::string_view user_id, std::uint64_t after,
                                       std::size_t limit) const {
  events_answer answer;
  answer.head = head_;
  std::string key;
  set_user_event_key(key, user_id, after);
  for (auto at = user_events_.from(next_key(key)); !at.at_end() && limit > 0; at.next(), --limit) {
    const user_event_key parts = split_user_event_key(at.key());
    if (parts.user_id != user_id) break;
    answer.events.push_back({parts.sequence, event_at(parts.sequence)});
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
  const std::string* const at = user_events_.last_below(next_key(key));
  if (at == nullptr) return 0;
  const user_event_key last = split_user_event_key(*at);
  return last.user_id == user_id ? last.sequence : 0;
}

std::vector<key_value> memory_store::states_between(std::string_view prefix, std::string_view after,
                                                    std::size_t limit) const {
  const std::lock_guard lock{mutex_};
  std::vector<key_value> answer;
  auto at = states_.from(after < prefix ? std::string{prefix} : next_key(after));
  for (; !at.at_end() && at.key().starts_with(prefix) && limit > 0; at.next(), --limit) {
    answer.push_back({at.key(), at.value()});
  }
  return answer;
}

std::vector<std::string> memory_store::user_event_keys_after(std::string_view after,
                                                             std::size_t limit) const {
  const std::lock_guard lock{mutex_};
  std::vector<std::string> answer;
  for (auto at = user_events_.from(next_key(after)); !at.at_end() && limit > 0;
       at.next(), --limit) {
    answer.push_back(at.key());
  }
  return answer;
}

}  // namespace factord::storage
