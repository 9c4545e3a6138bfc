#include "storage/postgres/session_machine.hpp"

#include <algorithm>
#include <utility>

#include "storage/base/canary.hpp"
#include "storage/base/check.hpp"
#include "storage/model/keys.hpp"

namespace factord::storage {

void session_machine::load(state_table& table, const head_latch::point& expected, time now) {
  FACTORD_CHECK(work_ == work::none);
  work_ = work::load;
  now_ = now;
  give_up_ = now + rules_.load_time;
  table_ = &table;
  expected_ = expected;
  loaded_.reset();
  fresh_ = false;
  if (auto fenced = latch_.fenced()) return give_load(*std::move(fenced));
  if (connected_) return begin_load();
  connect(give_up_);
}

void session_machine::begin_load() {
  requests_.clear();
  if (untidy_ || open_ == transaction::locked) requests_.push_back(sql_request::of(sql::rollback));
  untidy_ = false;
  open_ = transaction::none;
  // Each in a statement of its own, the head first: so states are never older than their head.
  if (locking()) requests_.push_back(sql_request::of(sql::begin));
  requests_.push_back(sql_request::of(locking() ? sql::lock_head : sql::read_head));
  if (table_->size() > 0) ask_for_states();
  if (unchecked_ && expected_.sequence > 0) {
    sequence_ = bytes_of_number(clamped(expected_.sequence));
    requests_.push_back(sql_request::of(sql::read_event_hash, as_bytes(sequence_)));
  }
  exchange(rules_.load_time);
}

void session_machine::ask_for_states() {
  keys_.begin(type_of_bytes);
  users_.begin(type_of_bytes);
  for (std::size_t i = 0; i < table_->size(); ++i) {
    const std::string_view key = table_->key(i);
    is_last_event_key(key) ? users_.add(user_of_last_event_key(key)) : keys_.add(key);
  }
  requests_.push_back(users_.count() == 0 ? sql_request::of(sql::read_states, keys_.bytes())
                                          : sql_request::of(sql::read_states_and_last_events,
                                                            keys_.bytes(), users_.bytes()));
}

void session_machine::commit(const state_table& table, std::span<const new_event> events,
                             std::string_view attempt, time now) {
  FACTORD_CHECK(work_ == work::none && open_ != transaction::none);
  work_ = work::commit;
  now_ = now;
  give_up_ = now + rules_.resolve_time;
  committed_.reset();
  attempt_ = attempt;
  with_events_ = !events.empty();

  // Whoever reads may have found out since the load.
  if (auto fenced = latch_.fenced()) {
    drop();
    return give_commit(*std::move(fenced));
  }
  requests_.clear();
  if (open_ == transaction::unlocked) requests_.push_back(sql_request::of(sql::begin));
  const auto led_to = changes_.build(from_, table, events, attempt_, requests_);
  if (!led_to) {
    drop();
    return give_commit(led_to.error());
  }
  // It went away since the load: nothing was sent, so nothing was done.
  if (!connected_) return give_commit(commit_status::unavailable);
  led_to_ = *led_to;
  push_commit();
  exchange(rules_.commit_time);
}

void session_machine::abandon(time now) {
  FACTORD_CHECK(work_ == work::none);
  now_ = now;
  const bool holds_lock = std::exchange(open_, transaction::none) == transaction::locked;
  if (!holds_lock) return;
  if (locks_left_ > 0) --locks_left_;
  if (!connected_ || planted(canary::lock_over_idle)) return;
  work_ = work::abandon;
  give_up_ = now + rules_.commit_time;
  requests_.assign(1, sql_request::of(sql::rollback));
  exchange(rules_.commit_time);
}

session_machine::step session_machine::next() {
  if (std::exchange(to_close_, false)) return step::close;
  if (step_ != step::send) return step_;
  step_ = step::receive;
  return step::send;
}

void session_machine::push_commit() {
  requests_.push_back(sql_request::of(sql::commit));
  // Once nobody is demanded any more, those that wait are let go as if they had been confirmed.
  if (rules_.require_standby) requests_.push_back(sql_request::of(sql::read_standbys));
}

/// What was made of this connection is of no use any more.
void session_machine::drop() {
  to_close_ = connected_;
  connected_ = false;
  untidy_ = false;
  open_ = transaction::none;
}

void session_machine::connect(time by) {
  fresh_ = true;
  step_ = step::connect;
  until_ = by;
}

void session_machine::exchange(std::chrono::milliseconds most) {
  replies_ = 0;
  said_ = {};
  step_ = step::send;
  until_ = std::min(give_up_, now_ + most);
}

void session_machine::end() {
  work_ = work::none;
  step_ = step::done;
}

void session_machine::on_connected(time now) {
  FACTORD_CHECK(step_ == step::connect);
  note(now);
  connected_ = true;
  unchecked_ = true;
  if (work_ == work::load) return begin_load();
  if (!latch_.fenced()) return ask_for_attempt();
  // To ask is to write, and that is over.
  drop();
  give_commit(commit_status::unknown);
}

void session_machine::on_refused(const error& cause, time now) {
  FACTORD_CHECK(step_ == step::connect);
  note(now);
  if (cause.code == errc::storage_failed) {
    error fenced = latch_.fence(cause.message);
    // Of another store there is nothing to find out.
    if (work_ == work::resolve) return give_commit(commit_status::unknown);
    return give_load(std::move(fenced));
  }
  if (work_ == work::resolve) return resolve_again(cause.message);
  give_load(error{errc::unavailable, cause.message});
}

/// The commit was sent, and nobody said whether it was done: the database is asked, on a connection
/// on which nothing else is under way.
void session_machine::begin_resolving(std::string_view cause) {
  notice_ = "the outcome of a commit is not known: " + std::string{cause};
  work_ = work::resolve;
  drop();
  connect(std::min(give_up_, now_ + rules_.connect_time));
}

void session_machine::ask_for_attempt() {
  requests_.clear();
  requests_.push_back(sql_request::of(sql::begin));
  // First: it waits for the old transaction, and what that has not written by then never comes.
  if (!planted(canary::resolve_without_epoch)) {
    requests_.push_back(sql_request::of(sql::raise_epoch).writing(1));
  }
  if (with_events_) {
    sequence_ = bytes_of_number(clamped(led_to_.sequence));
    requests_.push_back(sql_request::of(sql::read_attempt, as_bytes(sequence_)));
  }
  push_commit();
  exchange(rules_.commit_time);
}

void session_machine::resolve_again(std::string_view cause) {
  drop();
  if (now_ + rules_.resolve_pause >= give_up_) {
    notice_ = "how a commit ended could not be found out: " + std::string{cause};
    return give_commit(commit_status::unknown);
  }
  step_ = step::pause;
  until_ = now_ + rules_.resolve_pause;
}

void session_machine::on_lost(std::string_view cause, time now) {
  note(now);
  connected_ = false;
  untidy_ = false;
  const bool was_old = !fresh_;
  if (work_ == work::commit) return begin_resolving(cause);
  if (work_ == work::resolve) return resolve_again(cause);
  if (work_ == work::abandon) return end();
  // Of what is open, commit and abandon say so.
  if (work_ == work::none) return;
  open_ = transaction::none;
  // It may have been gone for hours.
  if (was_old) return connect(give_up_);
  give_load(
      error{errc::unavailable, "the connection to the database was lost: " + std::string{cause}});
}

void session_machine::on_time(time now) {
  note(now);
  if (now < until_) return;
  if (step_ == step::pause) return connect(std::min(give_up_, now_ + rules_.connect_time));
  break_off("the database did not answer in time");
}

/// What is under way on the connection is of no use any more.
void session_machine::break_off(std::string_view cause) {
  switch (work_) {
    case work::none:
      return;
    case work::load:
      drop();
      return give_load(error{errc::unavailable, std::string{cause}});
    case work::commit:
      return begin_resolving(cause);
    case work::resolve:
      return resolve_again(cause);
    case work::abandon:
      drop();
      return end();
  }
}

}  // namespace factord::storage
