#include "tests/support/connection_model.hpp"

#include <algorithm>
#include <set>
#include <string>

#include "storage/base/check.hpp"
#include "storage/model/event.hpp"
#include "storage/model/event_value.hpp"
#include "tests/support/connection_bulk.hpp"
#include "tests/support/connection_person.hpp"
#include "tests/support/connection_watch.hpp"

namespace factord::testing {

void connection_model::note(const service::call& started) {
  // Its lines are calls.
  if (service::traits(started.op).kind == service::operation_kind::bulk) return;
  const std::string& user = started.in.user_id;
  const bool unread = user.empty();
  const bool later = started.out.no_room;  // it is started again
  if (started.line != 0 && (unread || later)) return;
  const std::size_t times = ++executed_[user];
  if (client_.dirty() || user == "known") return;  // check_events() counts these
  FACTORD_CHECK(user.starts_with('r'));
  const request_sent& asked = client_.sent().at(std::stoul(user.substr(1)));
  FACTORD_CHECK(times <= (asked.what == ask::bulk ? removals_in_bulk(asked.number) : 1));
  FACTORD_CHECK(user_of(asked) == user && operation_of(asked.what) == started.op);
  if (asked.what == ask::add)
    FACTORD_CHECK(same(person_in(started.in), person_of(asked.number)) && started.in.org == "o");
}

std::size_t connection_model::last_taken() const {
  const auto& sent = client_.sent();
  if (client_.http2()) return sent.size();
  const auto end = std::ranges::find_if(sent, ends_connection, &request_sent::what);
  return static_cast<std::size_t>(end - sent.begin());
}

// Its turn of HTTP/1.1 lasts, and nothing is answered behind it.
std::size_t connection_model::first_watch() const {
  const auto& sent = client_.sent();
  if (client_.http2()) return sent.size();
  const auto found = std::ranges::find(sent, ask::watch, &request_sent::what);
  return static_cast<std::size_t>(found - sent.begin());
}

std::size_t connection_model::watches() const {
  const auto found = std::ranges::count(client_.sent(), ask::watch, &request_sent::what);
  return static_cast<std::size_t>(found);
}

bool connection_model::bulk_behind_watch() const {
  const auto& sent = client_.sent();
  const auto first = sent.begin() + static_cast<std::ptrdiff_t>(first_watch());
  return std::any_of(first, sent.end(), [](const auto& one) { return one.what == ask::bulk; });
}

bool connection_model::is_due(const request_sent& answer_to) const {
  if (cut) return false;
  if (client_.http2()) {
    // Each has its stream as long as the connection lasts: with all of them no other is opened.
    const bool streams_left = watches() < bounds_.http2_streams;
    return streams_left && (now_.over || answer_to.what != ask::watch);
  }
  if (answer_to.number < first_watch()) return true;
  // What there was no turn for was never read.
  return now_.over && client_.sent().size() - first_watch() <= bounds_.pipelined_requests;
}

void connection_model::check_answers(const moment& now) {
  now_ = now;
  if (client_.dirty()) return;
  const std::size_t last = last_taken();
  bool answered = true;
  removed_known_ = 0;
  for (const request_sent& one : client_.sent()) {
    const bool there = client_.answer(one).has_value();
    // On HTTP/1.1 they come in order, so behind the first that lacks none is.
    FACTORD_CHECK(client_.http2() || answered || !there);
    answered = there;
    if (one.number > last) {
      FACTORD_CHECK(!there && (one.what == ask::remove_known || !executed_.contains(user_of(one))));
    } else {
      check_answer(one);
    }
  }
  if (!cut) FACTORD_CHECK(!client_.answered_too_much());
  const bool may_be_over = last < client_.sent().size() || ended;
  if (!cut && !may_be_over) FACTORD_CHECK(!now_.over);
}

void connection_model::check_answer(const request_sent& to) {
  if (client_.refused(to)) {
    FACTORD_CHECK(to.what == ask::remove_known || !executed_.contains(user_of(to)));
    return;
  }
  if (to.what == ask::watch) check_watch(to);
  const auto answer = client_.answer(to);
  FACTORD_CHECK(answer || !is_due(to));
  if (!answer) return;
  // A deadline is answered too, in the place of the request that it cut.
  if (cut && answer->status == 408) return;
  FACTORD_CHECK(answers(*answer, to));
  if (to.what == ask::bulk && answer->status == 200) check_bulk(to, *answer);
  if (to.what == ask::remove_known && answer->status == 200) ++removed_known_;
}

// It has begun, was told each change once, and last what is so; it has no end before its client has
// said all, and is told nothing of what comes later.
void connection_model::check_watch(const request_sent& to) {
  const auto begun = client_.begun(to);
  const bool streams_left = watches() < bounds_.http2_streams;
  const bool in_turn = client_.http2() ? streams_left : to.number == first_watch();
  FACTORD_CHECK(begun || cut || !in_turn);
  if (!begun || (cut && begun->status == 408)) return;
  const watch_seen seen = read_watch(begun->body);
  FACTORD_CHECK(seen.statuses <= now_.store_steps + 1);
  if (cut) return;
  FACTORD_CHECK(seen.statuses > 0 && (ended || !seen.ended));
  const bool news_since = seen.ended && now_.store_steps != *ended;
  FACTORD_CHECK(seen.serving == now_.serving || news_since);
}

void connection_model::check_bulk(const request_sent& to, const answer_parts& answer) {
  const bulk_seen seen = read_bulk(answer.body, to.number);
  FACTORD_CHECK(seen.all || (cut && seen.said_why));
  removed_known_ += seen.removed;
}

// The log has what was answered, once, as it was sent and, of one HTTP/1.1 connection, in the order
// of requests.
void connection_model::check_events(const storage::memory_engine& store) const {
  if (client_.dirty()) return;
  std::size_t removed = 0;
  std::set<std::size_t> added;
  store.read_events(0, SIZE_MAX, [&](result<storage::events_answer> read) {
    for (const storage::stored_event& event : read->events) {
      const auto value = storage::split_event_value(event.sequence, event.value);
      storage::event_record record;
      FACTORD_CHECK(storage::parse_event_record(event.sequence, value->record, record));
      const auto type = static_cast<storage::event_type>(record.type());
      if (type == storage::event_type::otp_email_removed) ++removed;
      if (type != storage::event_type::human_added || record.user_id() == "known") continue;
      const std::size_t number = std::stoul(record.user_id().substr(1));
      FACTORD_CHECK(client_.http2() || added.empty() || *added.rbegin() < number);
      FACTORD_CHECK(added.insert(number).second);
      FACTORD_CHECK(same(record.payload(), person_of(number)) && record.resource_owner() == "o");
    }
  });
  const auto known = std::ranges::count_if(client_.sent(), [](const request_sent& one) {
    return one.what == ask::remove_known || one.what == ask::bulk;
  });
  FACTORD_CHECK(removed <= static_cast<std::size_t>(known));
  FACTORD_CHECK(removed >= removed_known_ && (cut || removed == removed_known_));
}

}  // namespace factord::testing
