#include "tests/simulation/database_tables.hpp"

#include <algorithm>
#include <limits>

#include "storage/base/check.hpp"
#include "storage/model/event_value.hpp"
#include "storage/model/keys.hpp"

namespace factord::simulation {

database_tables::database_tables(const storage::log_source& from) {
  row_changes all;
  from.scan_states({}, {}, SIZE_MAX, [&all](const auto& read) {
    for (const storage::key_value& one : *read) all.states.emplace(one.key, one.value);
  });
  from.read_events(0, SIZE_MAX, [&all](const auto& read) {
    for (const storage::stored_event& one : read->events) {
      const auto value = storage::split_event_value(one.sequence, one.value);
      storage::event_record record;
      FACTORD_CHECK(value && storage::parse_event_record(one.sequence, value->record, record));
      all.events.emplace(one.sequence, event_row{record.user_id(), one.value, std::nullopt});
    }
    all.head = storage::loaded_head{.log = read->head};
  });
  apply(all);
}

void database_tables::apply(const row_changes& changes) {
  if (changes.head) head_ = *changes.head;
  for (const auto& [key, value] : changes.states) {
    value ? void(states_.insert_or_assign(key, *value)) : void(states_.erase(key));
  }
  for (const auto& [sequence, event] : changes.events) {
    FACTORD_CHECK(events_.emplace(sequence, event).second);
    std::string key;
    storage::set_user_event_key(key, event.user_id, sequence);
    by_user_.emplace(std::move(key), sequence);
  }
}

const event_row* database_tables::event(std::uint64_t sequence) const {
  const auto found = events_.find(sequence);
  return found == events_.end() ? nullptr : &found->second;
}

const std::string* database_tables::state(std::string_view key) const {
  const auto found = states_.find(key);
  return found == states_.end() ? nullptr : &found->second;
}

bool database_tables::holds(const storage::head_latch::point& end) const {
  if (end.sequence == 0) return true;
  const event_row* const there = event(end.sequence);
  return there != nullptr && there->value.starts_with(storage::as_bytes(end.hash));
}

storage::states_answer database_tables::states_of(std::span<const std::string> keys) const {
  storage::states_answer answer{{}, head_.log};
  for (const std::string& key : keys) {
    std::optional<std::string>& record = answer.records.emplace_back();
    if (storage::is_last_event_key(key)) {
      const auto last = last_user_event(storage::user_of_last_event_key(key)).events;
      if (!last.empty()) storage::set_event_key(record.emplace(), last[0].sequence);
    } else if (const std::string* const found = state(key)) {
      record = *found;
    }
  }
  return answer;
}

storage::events_answer database_tables::events_after(std::uint64_t after, std::size_t limit) const {
  storage::events_answer answer{{}, head_.log};
  for (auto at = events_.upper_bound(after); at != events_.end() && limit > 0; ++at, --limit) {
    answer.events.push_back({at->first, at->second.value});
  }
  return answer;
}

storage::events_answer database_tables::user_events_after(std::string_view user,
                                                          std::uint64_t after,
                                                          std::size_t limit) const {
  storage::events_answer answer{{}, head_.log};
  std::string key;
  storage::set_user_event_key(key, user, after);
  for (auto at = by_user_.upper_bound(key); at != by_user_.end() && limit > 0; ++at, --limit) {
    if (storage::split_user_event_key(at->first).user_id != user) break;
    answer.events.push_back({at->second, events_.at(at->second).value});
  }
  return answer;
}

storage::events_answer database_tables::last_user_event(std::string_view user) const {
  storage::events_answer answer = user_events_after(user, 0, SIZE_MAX);
  if (!answer.events.empty()) answer.events.erase(answer.events.begin(), answer.events.end() - 1);
  return answer;
}

std::vector<storage::key_value> database_tables::states_between(std::string_view prefix,
                                                                std::string_view after,
                                                                std::size_t limit) const {
  auto answer = states_in_range(prefix, after, std::nullopt, limit);
  std::erase_if(answer, [prefix](const auto& one) { return !one.key.starts_with(prefix); });
  return answer;
}

std::vector<storage::key_value> database_tables::states_in_range(
    std::string_view from, std::string_view above, std::optional<std::string_view> below,
    std::size_t limit) const {
  std::vector<storage::key_value> answer;
  auto at = above < from ? states_.lower_bound(from) : states_.upper_bound(above);
  for (; at != states_.end() && limit > 0; ++at, --limit) {
    if (below && at->first >= *below) break;
    answer.push_back({at->first, at->second});
  }
  return answer;
}

std::vector<std::string> database_tables::user_event_keys_after(std::string_view after,
                                                                std::size_t limit) const {
  std::vector<std::string> answer;
  for (auto at = by_user_.upper_bound(after); at != by_user_.end() && limit > 0; ++at, --limit) {
    answer.push_back(at->first);
  }
  return answer;
}

}  // namespace factord::simulation
