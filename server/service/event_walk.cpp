#include "server/service/event_walk.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "storage/model/event_value.hpp"

namespace factord::service {
namespace {

result<void> parse(const storage::stored_event& event, storage::event_record& record) {
  const auto value = storage::split_event_value(event.sequence, event.value);
  if (!value) return value.error();
  return storage::parse_event_record(event.sequence, value->record, record);
}

}  // namespace

event_walk::event_walk(const call_input& asked)
    : asked_(asked),
      filtered_(asked.filter.narrows()),
      after_(asked.after),
      seeking_(asked.filter.from.has_value()) {}

std::size_t event_walk::step() const noexcept { return filtered_ ? step_events : asked_.limit; }

void event_walk::ask(const storage::log_source& store,
                     storage::log_source::callback<storage::events_answer> done) const {
  if (seeking_) {
    const std::uint64_t half = before_ == 0 ? 0 : (before_ - after_) / 2;
    return store.read_events(after_ + half, 1, std::move(done));
  }
  if (asked_.user_id.empty()) return store.read_events(after_, step(), std::move(done));
  store.read_user_events(asked_.user_id, after_, step(), std::move(done));
}

result<void> event_walk::take(const result<storage::events_answer>& read) {
  if (!read) return read.error();
  head_ = read->head;
  if (seeking_) return narrow(*read);
  storage::event_record record;
  for (const storage::stored_event& event : read->events) {
    if (const auto parsed = parse(event, record); !parsed) return parsed.error();
    done_ = !look_at(event.sequence, record);
    if (done_) return {};
  }
  looked_at_ += read->events.size();
  more_ = read->events.size() == step();
  done_ = !more_ || !filtered_ || looked_at_ >= looked_at_max;
  return {};
}

// What was found is early, and the page begins behind it, or late enough. Nothing was found where
// the log ends.
result<void> event_walk::narrow(const storage::events_answer& probe) {
  seeking_ = !probe.events.empty();
  if (!seeking_) return {};
  storage::event_record record;
  const storage::stored_event& event = probe.events.front();
  if (const auto parsed = parse(event, record); !parsed) return parsed.error();
  if (asked_.filter.begins_after(record)) {
    after_ = event.sequence;
    if (before_ == 0) before_ = head_.sequence + 1;
  } else {
    before_ = event.sequence;
  }
  seeking_ = before_ - after_ > step_events;
  return {};
}

bool event_walk::look_at(std::uint64_t sequence, storage::event_record& event) {
  const event_filter& filter = asked_.filter;
  more_ = !filter.ends_before(event);
  if (!more_) return false;
  if (filter.lets_through(event)) {
    cut_ = !room_.take(text_bytes(event));
    if (cut_) return false;
    page_.events.push_back(std::move(event));
    page_.sequences.push_back(sequence);
  }
  after_ = sequence;
  more_ = sequence < head_.sequence;
  return page_.events.size() < asked_.limit;
}

void event_walk::show(answer& out) {
  if (more_ && (filtered_ || cut_)) out.next = std::to_string(after_);
  if (!page_.events.empty()) out.page = std::make_shared<const event_page>(std::move(page_));
  out.position = more_ ? after_ : std::max(asked_.after, head_.sequence);
  out.head = head_;
}

}  // namespace factord::service
