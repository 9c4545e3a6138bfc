// The readers of rocksdb_engine: look-ups, which call back before they return, and walks over
// ranges, which do not. Each reads the head first and shows nothing past it: what a commit in
// progress has written is there already, before its head is.
#include <limits>
#include <utility>

#include "storage/model/keys.hpp"
#include "storage/rocksdb/engine.hpp"
#include "storage/rocksdb/failure/status.hpp"
#include "storage/rocksdb/options.hpp"

namespace factord::storage {

namespace {

// Of a walk: about 30 µs together.
constexpr std::uint32_t steps_a_turn = 32;

constexpr std::string_view reading_states = "reading states";
constexpr std::string_view reading_events = "reading events";

/// The first key past all that start with `prefix`; empty where there is none.
std::string end_of_prefix(std::string_view prefix) {
  std::string end{prefix};
  while (!end.empty() && end.back() == '\xFF') end.pop_back();
  if (!end.empty()) ++end.back();
  return end;
}

/// Moves to the first key above `after`.
void seek_past(rocksdb::Iterator& at, std::string_view after) {
  at.Seek({after.data(), after.size()});
  if (at.Valid() && at.key().ToStringView() == after) at.Next();
}

}  // namespace

void rocksdb_engine::walk(std::function<void()> range) const {
  check_running();
  if (walks_ == nullptr) return range();
  walks_->run(std::move(range));
}

core_yielder rocksdb_engine::sharing() const {
  // Where nobody is served, nobody waits.
  constexpr std::uint32_t never = std::numeric_limits<std::uint32_t>::max();
  return core_yielder{walks_ == nullptr ? never : steps_a_turn};
}

void rocksdb_engine::read_states(std::span<const std::string> keys,
                                 callback<states_answer> done) const {
  done(states_of(keys));
}

result<states_answer> rocksdb_engine::states_of(std::span<const std::string> keys) const {
  const auto not_reset = kept_ ? gate_.enter() : reset_gate::reader{};
  states_answer answer;
  answer.head = head();
  answer.records.resize(keys.size());
  std::vector<rocksdb::Slice> slices;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (is_last_event_key(keys[i])) continue;
    slices.emplace_back(keys[i]);
    places.push_back(i);
  }
  std::vector<rocksdb::PinnableSlice> records(slices.size());
  std::vector<rocksdb::Status> statuses(slices.size());
  database_->db().MultiGet(rocksdb::ReadOptions{}, database_->states(), slices.size(),
                           slices.data(), records.data(), statuses.data());
  for (std::size_t i = 0; i < slices.size(); ++i) {
    if (statuses[i].ok()) {
      answer.records[places[i]] = records[i].ToString();
    } else if (!statuses[i].IsNotFound()) {
      return to_error(statuses[i], reading_states);
    }
  }
  if (const auto read = add_last_events(keys, answer); !read) return read.error();
  return answer;
}

/// Up to the head that was read before the states: so none is newer than these.
result<void> rocksdb_engine::add_last_events(std::span<const std::string> keys,
                                             states_answer& answer) const {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!is_last_event_key(keys[i])) continue;
    const auto last = last_sequence_of(user_of_last_event_key(keys[i]), answer.head.sequence);
    if (!last) return last.error();
    if (*last > 0) set_event_key(answer.records[i].emplace(), *last);
  }
  return {};
}

void rocksdb_engine::read_events(std::uint64_t after, std::size_t limit,
                                 callback<events_answer> done) const {
  walk([this, after, limit, done = std::move(done)] { done(events_after(after, limit)); });
}

result<events_answer> rocksdb_engine::events_after(std::uint64_t after, std::size_t limit) const {
  const auto not_reset = kept_ ? gate_.enter() : reset_gate::reader{};
  events_answer answer;
  answer.head = head();
  if (after >= answer.head.sequence || limit == 0) return answer;

  std::string begin;
  set_event_key(begin, after + 1);
  std::string end;
  set_event_key(end, answer.head.sequence + 1);
  const rocksdb::Slice bound{end};
  const std::unique_ptr<rocksdb::Iterator> at{
      database_->db().NewIterator(range_options(&bound), database_->events())};
  core_yielder core = sharing();
  for (at->Seek(begin); at->Valid() && answer.events.size() < limit; at->Next(), core.step()) {
    if (at->key().size() != begin.size()) {
      return error{errc::corruption, "a key of the log is no sequence"};
    }
    answer.events.push_back({read_sequence(at->key().ToStringView()), at->value().ToString()});
  }
  if (!at->status().ok()) return to_error(at->status(), reading_events);
  return answer;
}

/// Adds one event that the index of its user names.
result<void> rocksdb_engine::append_event(std::uint64_t sequence, events_answer& answer) const {
  std::string key;
  set_event_key(key, sequence);
  stored_event event{.sequence = sequence, .value = {}};
  const auto found =
      database_->db().Get(rocksdb::ReadOptions{}, database_->events(), key, &event.value);
  if (found.IsNotFound()) {
    return error{errc::corruption, "event " + std::to_string(sequence) + " is missing"};
  }
  if (!found.ok()) return to_error(found, reading_events);
  answer.events.push_back(std::move(event));
  return {};
}

void rocksdb_engine::read_user_events(std::string_view user_id, std::uint64_t after,
                                      std::size_t limit, callback<events_answer> done) const {
  walk([this, id = std::string{user_id}, after, limit, done = std::move(done)] {
    done(user_events_after(id, after, limit));
  });
}

result<events_answer> rocksdb_engine::user_events_after(std::string_view user_id,
                                                        std::uint64_t after,
                                                        std::size_t limit) const {
  const auto not_reset = kept_ ? gate_.enter() : reset_gate::reader{};
  events_answer answer;
  answer.head = head();
  if (after >= answer.head.sequence) return answer;

  std::string begin;
  set_user_event_key(begin, user_id, after + 1);
  std::string end;
  set_user_event_key(end, user_id, answer.head.sequence + 1);
  const rocksdb::Slice bound{end};
  const std::unique_ptr<rocksdb::Iterator> at{
      database_->db().NewIterator(one_user_options(nullptr, &bound), database_->user_events())};
  core_yielder core = sharing();
  for (at->Seek(begin); at->Valid() && answer.events.size() < limit; at->Next(), core.step()) {
    const user_event_key parts = split_user_event_key(at->key().ToStringView());
    if (const auto read = append_event(parts.sequence, answer); !read) return read.error();
  }
  if (!at->status().ok()) return to_error(at->status(), reading_events);
  return answer;
}

void rocksdb_engine::read_last_user_event(std::string_view user_id,
                                          callback<events_answer> done) const {
  done(last_user_event(user_id));
}

result<events_answer> rocksdb_engine::last_user_event(std::string_view user_id) const {
  const auto not_reset = kept_ ? gate_.enter() : reset_gate::reader{};
  events_answer answer;
  answer.head = head();
  const auto last = last_sequence_of(user_id, answer.head.sequence);
  if (!last) return last.error();
  if (*last == 0) return answer;
  if (const auto read = append_event(*last, answer); !read) return read.error();
  return answer;
}

result<std::uint64_t> rocksdb_engine::last_sequence_of(std::string_view user_id,
                                                       std::uint64_t most) const {
  std::string begin;
  set_user_event_key(begin, user_id, 0);
  std::string last;
  set_user_event_key(last, user_id, most);
  const rocksdb::Slice lower{begin};
  const std::unique_ptr<rocksdb::Iterator> at{
      database_->db().NewIterator(one_user_options(&lower, nullptr), database_->user_events())};
  at->SeekForPrev(last);
  if (!at->Valid()) {
    if (!at->status().ok()) return to_error(at->status(), reading_events);
    return std::uint64_t{0};
  }
  const std::uint64_t found = split_user_event_key(at->key().ToStringView()).sequence;
  if (found == 0) return error{errc::corruption, "a key of a user's events is none"};
  return found;
}

void rocksdb_engine::scan_states(std::string_view prefix, std::string_view after, std::size_t limit,
                                 callback<std::vector<key_value>> done) const {
  walk([this, of = std::string{prefix}, above = std::string{after}, limit, done = std::move(done)] {
    done(states_between(of, above, limit));
  });
}

result<std::vector<key_value>> rocksdb_engine::states_between(std::string_view prefix,
                                                              std::string_view after,
                                                              std::size_t limit) const {
  const auto not_reset = kept_ ? gate_.enter() : reset_gate::reader{};
  const std::string end = end_of_prefix(prefix);
  const rocksdb::Slice bound{end};
  const std::unique_ptr<rocksdb::Iterator> at{database_->db().NewIterator(
      bulk_options(end.empty() ? nullptr : &bound), database_->states())};
  if (after < prefix) {
    at->Seek({prefix.data(), prefix.size()});
  } else {
    seek_past(*at, after);
  }
  std::vector<key_value> answer;
  core_yielder core = sharing();
  for (; at->Valid() && answer.size() < limit; at->Next(), core.step()) {
    answer.push_back({at->key().ToString(), at->value().ToString()});
  }
  if (!at->status().ok()) return to_error(at->status(), reading_states);
  return answer;
}

void rocksdb_engine::scan_user_events(std::string_view after, std::size_t limit,
                                      callback<std::vector<std::string>> done) const {
  walk([this, above = std::string{after}, limit, done = std::move(done)] {
    done(user_event_keys_after(above, limit));
  });
}

result<std::vector<std::string>> rocksdb_engine::user_event_keys_after(std::string_view after,
                                                                       std::size_t limit) const {
  const auto not_reset = kept_ ? gate_.enter() : reset_gate::reader{};
  const std::unique_ptr<rocksdb::Iterator> at{
      database_->db().NewIterator(bulk_options(nullptr), database_->user_events())};
  seek_past(*at, after);
  std::vector<std::string> answer;
  core_yielder core = sharing();
  for (; at->Valid() && answer.size() < limit; at->Next(), core.step()) {
    answer.push_back(at->key().ToString());
  }
  if (!at->status().ok()) return to_error(at->status(), reading_events);
  return answer;
}

}  // namespace factord::storage
