#include "storage/postgres/read_jobs.hpp"

#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "storage/model/keys.hpp"
#include "storage/postgres/binary.hpp"

namespace factord::storage {

namespace {

std::string bytes_of(std::uint64_t number) {
  return std::string{as_bytes(bytes_of_number(clamped(number)))};
}

/// The first key past all that start with `prefix`; empty where there is none.
std::string end_of_prefix(std::string_view prefix) {
  std::string end{prefix};
  while (!end.empty() && end.back() == '\xFF') end.pop_back();
  if (!end.empty()) ++end.back();
  return end;
}

error damaged(std::string_view what) {
  return {errc::corruption, std::string{what} + " of the database is not as we write it"};
}

result<events_answer> events_of(const read_rows& found) {
  events_answer answer;
  answer.head = found.head;
  answer.events.reserve(found.rows.size());
  for (std::size_t row = 0; row < found.rows.size(); ++row) {
    const auto sequence = found.rows.cell(row, 0);
    const auto number = sequence ? count_of(*sequence) : std::nullopt;
    const auto value = found.rows.cell(row, 1);
    if (!number || !value) return damaged("an event");
    answer.events.push_back({*number, std::string{*value}});
  }
  return answer;
}

result<std::vector<key_value>> states_of(const read_rows& found) {
  std::vector<key_value> answer;
  answer.reserve(found.rows.size());
  for (std::size_t row = 0; row < found.rows.size(); ++row) {
    const auto key = found.rows.cell(row, 0);
    const auto value = found.rows.cell(row, 1);
    if (!key || !value) return damaged("a state");
    answer.push_back({std::string{*key}, std::string{*value}});
  }
  return answer;
}

result<std::vector<std::string>> user_keys_of(const read_rows& found) {
  std::vector<std::string> answer(found.rows.size());
  for (std::size_t row = 0; row < found.rows.size(); ++row) {
    const auto user = found.rows.cell(row, 0);
    const auto sequence = found.rows.cell(row, 1);
    const auto number = sequence ? count_of(*sequence) : std::nullopt;
    if (!user || !number) return damaged("an event");
    set_user_event_key(answer[row], *user, *number);
  }
  return answer;
}

/// The database gives those that there are, in its own order.
result<states_answer> in_order_of(const std::vector<std::string>& keys, const read_rows& found) {
  std::unordered_map<std::string_view, std::string_view> records;
  for (std::size_t row = 0; row < found.rows.size(); ++row) {
    const auto key = found.rows.cell(row, 0);
    const auto value = found.rows.cell(row, 1);
    if (!key || !value) return damaged("a state");
    records.emplace(*key, *value);
  }
  states_answer answer;
  answer.head = found.head;
  for (const std::string& key : keys) {
    const auto record = records.find(key);
    answer.records.push_back(record == records.end() ? std::nullopt
                                                     : std::optional<std::string>{record->second});
  }
  return answer;
}

/// What a job calls: with what `make` makes of the rows, or with why there are none.
template <class T, class Make>
auto answering(log_source::callback<T> done, Make make) {
  return [done = std::move(done), make = std::move(make)](const result<read_rows>& found) {
    found ? done(make(*found)) : done(found.error());
  };
}

}  // namespace

read_job job_of_states(std::span<const std::string> keys,
                       log_source::callback<states_answer> done) {
  array_parameter wanted;
  array_parameter users;
  wanted.begin(type_of_bytes);
  users.begin(type_of_bytes);
  for (const std::string& key : keys) {
    is_last_event_key(key) ? users.add(user_of_last_event_key(key)) : wanted.add(key);
  }
  const bool states_alone = users.count() == 0;
  std::vector<std::string> kept{keys.begin(), keys.end()};
  return {.which = states_alone ? sql::read_states : sql::read_states_and_last_events,
          .parameters = {std::string{wanted.bytes()}, std::string{users.bytes()}},
          .count = states_alone ? 1U : 2U,
          .done = answering<states_answer>(
              std::move(done),
              [kept = std::move(kept)](const auto& found) { return in_order_of(kept, found); })};
}

read_job job_of_events(std::uint64_t after, std::size_t limit,
                       log_source::callback<events_answer> done) {
  return {.which = sql::events_after,
          .parameters = {bytes_of(after), bytes_of(limit)},
          .count = 2,
          .done = answering<events_answer>(std::move(done), events_of)};
}

read_job job_of_user_events(std::string_view user_id, std::uint64_t after, std::size_t limit,
                            log_source::callback<events_answer> done) {
  return {.which = sql::user_events_after,
          .parameters = {std::string{user_id}, bytes_of(after), bytes_of(limit)},
          .count = 3,
          .done = answering<events_answer>(std::move(done), events_of)};
}

read_job job_of_last_user_event(std::string_view user_id,
                                log_source::callback<events_answer> done) {
  return {.which = sql::last_user_event,
          .parameters = {std::string{user_id}},
          .count = 1,
          .done = answering<events_answer>(std::move(done), events_of)};
}

read_job job_of_state_scan(std::string_view prefix, std::string_view after, std::size_t limit,
                           log_source::callback<std::vector<key_value>> done) {
  std::string end = end_of_prefix(prefix);
  const bool bounded = !end.empty();
  read_job job{.which = bounded ? sql::states_between : sql::states_from,
               .parameters = {std::string{prefix}, std::string{after}},
               .count = bounded ? 4U : 3U,
               .done = answering<std::vector<key_value>>(std::move(done), states_of)};
  if (bounded) job.parameters[2] = std::move(end);
  job.parameters[job.count - 1] = bytes_of(limit);
  return job;
}

read_job job_of_user_scan(std::string_view after, std::size_t limit,
                          log_source::callback<std::vector<std::string>> done) {
  // What is no whole key is where the events of such a user would begin.
  const user_event_key parts = split_user_event_key(after);
  const bool whole = parts.sequence > 0;
  return {.which = sql::user_keys_after,
          .parameters = {std::string{whole ? parts.user_id : after}, bytes_of(parts.sequence),
                         bytes_of(limit)},
          .count = 3,
          .done = answering<std::vector<std::string>>(std::move(done), user_keys_of)};
}

}  // namespace factord::storage
