// The log, as pages and as streams.

#include "server/service/deadline.hpp"
#include "server/service/failures.hpp"
#include "server/service/queries.hpp"
#include "server/service/shard_callback.hpp"

namespace factord::service {
namespace {

constexpr failure of_another_store{status_code::aborted, "FACTORD-Store",
                                   "the last event that was seen is of another store"};
constexpr failure too_many_streams{status_code::resource_exhausted, "",
                                   "too many streams of events"};
constexpr failure going_away{status_code::unavailable, "",
                             "the server is shutting down: go on elsewhere, or here again"};
constexpr failure nobody_reads{status_code::cancelled, "", "the connection is gone"};

void fail(const failure& why, call& work, const queries::continuation& then) {
  work.out.fail(why);
  then(work);
}

}  // namespace

void queries::list_events(call& work, const continuation& then) {
  if (!work.in.of_store.empty() && work.in.of_store != with_.store.store_id())
    return fail(of_another_store, work, then);
  if (work.in.follow) return follow(work, then);
  if (!waits_.may_wait(work)) return walk(work, then, &queries::walk_events);
  const std::uint64_t entered = waits_.enter();
  walk(
      work, [this, then, entered](call& read) { settle(read, entered, then); },
      &queries::walk_events);
}

void queries::settle(call& work, std::uint64_t entered, const continuation& then) {
  const answer& found = work.out;
  const bool nothing = found.code == status_code::ok && found.events.empty() && found.next.empty();
  if (!nothing || !waits_.may_wait(work)) {
    waits_.leave();
    return then(work);
  }
  look_on(work);
  waits_.park(work, entered, [this, then](call& again) { list_events(again, then); });
}

// The first part is given whatever is in it: the other side hears that the stream has begun.
void queries::follow(call& work, const continuation& then) {
  if (with_.streams != nullptr && !work.place) {
    if (auto place = with_.streams->enter()) work.place.emplace(*std::move(place));
    if (!work.place) return fail(too_many_streams, work, then);
  }
  if (!waits_.may_wait(work)) return end(work, then);
  const std::uint64_t entered = waits_.enter();
  walk(
      work, [this, then, entered](call& read) { settle_part(read, entered, then); },
      &queries::walk_events);
}

void queries::settle_part(call& work, std::uint64_t entered, const continuation& then) {
  answer& found = work.out;
  const bool nothing = found.code == status_code::ok && found.events.empty() && work.begun;
  if (!nothing) {
    waits_.leave();
    found.more = found.code == status_code::ok;
    return then(work);
  }
  const bool is_end = found.next.empty();
  const bool heeded = work.who.trusted || found.head.token_epoch == work.token_epoch;
  const auto epoch = work.answer_epoch;
  look_on(work);
  if (heeded && is_end)
    return waits_.park(work, entered, [this, then](call& again) { follow(again, then); });
  waits_.leave();
  if (heeded) return follow(work, then);
  // It may be nobody's business any more: then() has that judged.
  work.answer_epoch = epoch;
  then(work);
}

// A token that has ended is told of as such.
void queries::end(call& work, const continuation& then) {
  work.waited = true;
  if (is_too_late(with_, work) || expired(work.good_until, with_.now())) return then(work);
  fail(waits_.draining() ? going_away : nobody_reads, work, then);
}

// Goes on behind what was looked at and held nothing.
void queries::look_on(call& work) {
  work.in.after = work.out.position;
  work.answer_epoch.reset();
  work.waited = true;
  work.out.clear();
}

void queries::walk_events(call& work, const continuation& then) {
  step(std::make_shared<event_walk>(work.in), work, then);
}

// What was read is looked at where it was read, which is not on the shard.
void queries::step(const std::shared_ptr<event_walk>& page, call& work, const continuation& then) {
  const auto done = on_shard<void>(with_, [this, page, &work, then](const result<void>& taken) {
    if (!taken) {
      fail_unreadable(with_, work, taken.error());
      return then(work);
    }
    if (!page->done()) {
      if (is_too_late(with_, work)) return then(work);
      return step(page, work, then);
    }
    page->show(work.out);
    work.answer_epoch = work.out.head.token_epoch;
    work.out.store_id = with_.store.store_id();
    then(work);
  });
  page->ask(with_.store,
            [page, done](const result<storage::events_answer>& read) { done(page->take(read)); });
}

}  // namespace factord::service
