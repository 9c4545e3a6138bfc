#include "storage/postgres/commit_requests.hpp"

#include "storage/base/canary.hpp"
#include "storage/base/check.hpp"
#include "storage/model/event_value.hpp"

namespace factord::storage {

namespace {

std::uint64_t epoch_after(const log_head& from, std::span<const new_event> events) {
  if (planted(canary::stale_token_epoch)) return from.token_epoch;
  return token_epoch_after(from.token_epoch, events);
}

}  // namespace

result<log_head> commit_requests::build(const loaded_head& from, const state_table& table,
                                        std::span<const new_event> events, std::string_view attempt,
                                        std::vector<sql_request>& out) {
  const auto led_to = sort_events(from.log, events);
  if (!led_to) return led_to.error();
  from_ = from.log;
  to_ = *led_to;
  sort_changes(table);

  move_head(from, events.empty(), out);
  if (deleted_.count() > 0) {
    out.push_back(sql_request::of(sql::delete_states, deleted_.bytes()).writing(deleted_there_));
  }
  if (keys_.count() > 0) {
    out.push_back(
        sql_request::of(sql::put_states, keys_.bytes(), records_.bytes()).writing(keys_.count()));
  }
  if (events.empty()) return to_;
  // The new sequence is among the numbers of move_head.
  out.push_back(sql_request::of(sql::append_events, sequences_.bytes(), users_.bytes(),
                                values_.bytes(), as_bytes(numbers_[2]), attempt)
                    .writing(sequences_.count()));
  return to_;
}

void commit_requests::sort_changes(const state_table& table) {
  deleted_.begin(type_of_bytes);
  deleted_there_ = 0;
  keys_.begin(type_of_bytes);
  records_.begin(type_of_bytes);
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (!table.changed(i)) continue;
    if (const auto record = table.record(i)) {
      keys_.add(table.key(i));
      records_.add(*record);
    } else {
      deleted_.add(table.key(i));
      const auto there = table.was_there(i);
      if (!there) deleted_there_.reset();
      if (there.value_or(false) && deleted_there_) ++*deleted_there_;
    }
  }
}

result<log_head> commit_requests::sort_events(const log_head& from,
                                              std::span<const new_event> events) {
  sequences_.begin(type_of_number);
  users_.begin(type_of_bytes);
  values_.begin(type_of_bytes);
  std::uint64_t last = from.sequence;
  for (const new_event& event : events) {
    // Invariant 1: no gap.
    FACTORD_CHECK(event.sequence == last + 1);
    last = event.sequence;
    sequences_.add_number(clamped(event.sequence));
    users_.add(event.user_id);
    values_.add(event.value);
  }
  if (events.empty()) return from;
  auto led_to = head_at(events.back().sequence, events.back().value);
  if (led_to) led_to->token_epoch = epoch_after(from, events);
  return led_to;
}

void commit_requests::move_head(const loaded_head& from, bool without_events,
                                std::vector<sql_request>& out) {
  numbers_[0] = bytes_of_number(clamped(from.log.sequence));
  numbers_[1] = bytes_of_number(clamped(from.epoch));
  numbers_[2] = bytes_of_number(clamped(to_.sequence));
  numbers_[3] = bytes_of_number(to_micros(to_.created_at));
  numbers_[4] = bytes_of_number(clamped(to_.token_epoch));
  // Without events the sequence stays, and yet who has loaded before must not commit after.
  numbers_[5] = bytes_of_number(without_events ? 1 : 0);
  out.push_back(sql_request::of(sql::move_head, as_bytes(numbers_[0]), as_bytes(from_.hash),
                                as_bytes(numbers_[1]), as_bytes(numbers_[2]), as_bytes(to_.hash),
                                as_bytes(numbers_[3]), as_bytes(numbers_[4]), as_bytes(numbers_[5]))
                    .writing(1));
}

}  // namespace factord::storage
