// The log, as pages and as streams.

#include "server/service/deadline.hpp"
#include "server/service/failures.hpp"
#include "server/service/queries.hpp"
#include "server/service/shard_callback.hpp"
#include "storage/base/canary.hpp"

namespace factord::service {
namespace {

constexpr failure of_another_store{status_code::aborted, "FACTORD-Store",
                                   "the last event that was seen is of another store"};
constexpr failure too_many_streams{status_code::resource_exhausted, "",
                                   "too many streams of events"};
constexpr failure going_away{status_code::unavailable, "",
                             "the server is shutting down: go on elsewhere, or here again"};
constexpr failure nobody_reads{status_code::cancelled, "", "the connection is gone"};

void fail(const failure& why, call& pending, const queries::continuation& then) {
  pending.out.fail(why);
  then(pending);
}

}  // namespace

// What has begun on one store does not go on on another: it may have been reset meanwhile.
bool queries::is_of_store(call& pending) const {
  const std::string& current = with_.store.store_id();
  if (pending.in.of_store.empty()) pending.in.of_store = current;
  if (pending.in.of_store == current) return true;
  pending.out.fail(of_another_store);
  return false;
}

void queries::list_events(call& pending, const continuation& then) {
  if (!is_of_store(pending)) return then(pending);
  if (pending.in.follow) return follow(pending, then);
  if (!waits_.may_wait(pending)) return walk(pending, then, &queries::walk_events);
  const std::uint64_t entered = waits_.enter();
  walk(
      pending, [this, then, entered](call& read) { settle(read, entered, then); },
      &queries::walk_events);
}

void queries::settle(call& pending, std::uint64_t entered, const continuation& then) {
  const answer& found = pending.out;
  const bool nothing = found.code == status_code::ok && !found.has_events() && found.next.empty();
  if (!nothing || !waits_.may_wait(pending)) {
    waits_.leave();
    return then(pending);
  }
  look_on(pending);
  waits_.park(pending, entered, [this, then](call& again) { list_events(again, then); });
}

// The first part is given whatever is in it: the other side hears that the stream has begun.
void queries::follow(call& pending, const continuation& then) {
  if (!is_of_store(pending)) return then(pending);
  if (with_.streams != nullptr && !pending.place) {
    if (auto place = with_.streams->enter()) pending.place.emplace(*std::move(place));
    if (!pending.place) return fail(too_many_streams, pending, then);
  }
  if (!waits_.may_wait(pending)) return end(pending, then);
  const std::uint64_t entered = waits_.enter();
  if (shared_.join(pending, entered, then)) return;
  walk(
      pending, [this, then, entered](call& walked) { settle_parts(walked, entered, then); },
      &queries::walk_events);
}

// Why a walk has failed may be the matter of the one that walked: the others begin anew. Each has a
// turn of its own on the shard, so that a thousand pages are not written in one go.
void queries::settle_parts(call& walked, std::uint64_t entered, const continuation& then) {
  auto others = shared_.take(walked, entered);
  if (planted(canary::lose_companion) && !others.empty()) others.pop_back();
  const bool found = walked.out.code == status_code::ok;
  for (const auto& other : others) {
    if (found) share(walked, *other.pending);
  }
  settle_part(walked, entered, then);
  for (const auto& [pending, on] : others) {
    const auto settle_other = [this, found, pending, entered, on] {
      if (found) return settle_part(*pending, entered, on);
      follow(*pending, on);
      waits_.leave();
    };
    with_.take_turn ? with_.take_turn(settle_other) : settle_other();
  }
}

void queries::settle_part(call& pending, std::uint64_t entered, const continuation& then) {
  answer& found = pending.out;
  const bool nothing = found.code == status_code::ok && !found.has_events() && pending.begun;
  if (!nothing) {
    waits_.leave();
    found.more = found.code == status_code::ok;
    return then(pending);
  }
  const bool is_end = found.next.empty();
  const bool heeded = pending.who.trusted || found.head.token_epoch == pending.token_epoch;
  const auto epoch = pending.answer_epoch;
  look_on(pending);
  if (heeded && is_end)
    return waits_.park(pending, entered, [this, then](call& again) { follow(again, then); });
  waits_.leave();
  if (heeded) return follow(pending, then);
  // It may be nobody's business any more: then() has that judged.
  pending.answer_epoch = epoch;
  then(pending);
}

// Whose token has ended is told of as such; whose token is still good waits on.
void queries::end(call& pending, const continuation& then) {
  pending.waited = true;
  if (is_too_late(with_, pending) || pending.may_be_over(with_.now())) return then(pending);
  if (!waits_.draining()) return fail(nobody_reads, pending, then);
  with_.tally.of_shard(pending.shard()).refused(refusal_reason::draining);
  fail(going_away, pending, then);
}

void queries::share(const call& walked, call& with) {
  with.out.page = walked.out.page;
  with.out.next = walked.out.next;
  with.out.position = walked.out.position;
  with.out.head = walked.out.head;
  with.out.store_id = walked.out.store_id;
  with.answer_epoch = walked.answer_epoch;
}

// Goes on behind what was looked at and held nothing.
void queries::look_on(call& pending) {
  pending.in.after = pending.out.position;
  pending.answer_epoch.reset();
  pending.waited = true;
  pending.out.clear();
}

void queries::walk_events(call& pending, const continuation& then) {
  step(std::make_shared<event_walk>(pending.in), pending, then);
}

// What was read is looked at where it was read, which is not on the shard.
void queries::step(const std::shared_ptr<event_walk>& page, call& pending,
                   const continuation& then) {
  const auto done = on_shard<void>(with_, [this, page, &pending, then](const result<void>& taken) {
    if (!taken) {
      fail_unreadable(with_, pending, taken.error());
      return then(pending);
    }
    if (!page->done()) {
      if (is_too_late(with_, pending)) return then(pending);
      return step(page, pending, then);
    }
    if (!is_of_store(pending)) return then(pending);
    page->show(pending.out);
    pending.answer_epoch = pending.out.head.token_epoch;
    pending.out.store_id = pending.in.of_store;  // by now it may be another's
    then(pending);
  });
  page->ask(with_.store,
            [page, done](const result<storage::events_answer>& read) { done(page->take(read)); });
}

}  // namespace factord::service
