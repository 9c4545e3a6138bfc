// What the replies of each exchange mean to session_machine.
#include <utility>

#include "storage/base/canary.hpp"
#include "storage/base/check.hpp"
#include "storage/postgres/failures.hpp"
#include "storage/postgres/session_machine.hpp"

namespace factord::storage {

void session_machine::on_warning(std::string_view message) {
  if (said_.warning.empty()) said_.warning = message;
}

void session_machine::on_reply(const sql_reply& reply) {
  const std::size_t place = replies_++;
  if (place < requests_.size()) said_.take(requests_[place], reply, table_);
}

void session_machine::on_end(time now) {
  note(now);
  // Whatever is at the other end, it is not where we are.
  const bool in_step = replies_ == requests_.size() && said_.in_step;
  if (!in_step) return break_off("the database did not answer as it was asked");
  switch (work_) {
    case work::none:
      return;
    case work::load:
      return end_load();
    case work::commit:
      return end_commit();
    case work::resolve:
      return end_resolving();
    case work::abandon:
      if (said_.failure) drop();
      return end();
  }
}

void session_machine::end_load() {
  auto outcome = judge_load();
  if (outcome) {
    open_ = locking() ? transaction::locked : transaction::unlocked;
    unchecked_ = false;
  } else if (said_.failure) {
    // Who holds the lock may wait to be confirmed, for ever, on a primary that is none any more:
    // which of the hosts is one now is known to whoever connects.
    untidy_ = locking();
    if (kind_of_failure(said_.failure->code) == failure_kind::conflict) drop();
  } else if (outcome.error().code == errc::unavailable && !locking()) {
    unchecked_ = false;  // nothing is wrong with the connection
  } else {
    drop();  // and with it the lock
  }
  give_load(std::move(outcome));
}

result<log_head> session_machine::judge_load() {
  if (said_.failure) return to_error(*said_.failure);
  if (!said_.head || !said_.ours) {
    return latch_.fence("the head of the store in the database is missing, or is none");
  }
  if (const auto seen = latch_.see(said_.head->log, expected_); !seen) return seen.error();
  if (unchecked_ && expected_.sequence > 0) {
    const auto same = latch_.see_event(expected_, said_.found);
    if (!same) return same.error();
  }
  if (!said_.head->turned_off.empty()) {
    return error{errc::unavailable, "the database is refused: off is " + said_.head->turned_off};
  }
  if (without_standby()) {
    return error{errc::unavailable, "--require-standby: the database waits for no standby"};
  }
  from_ = *said_.head;
  return from_.log;
}

bool session_machine::without_standby() const noexcept {
  return rules_.require_standby && said_.standbys == 0U;
}

void session_machine::end_commit() {
  const bool was_locked = open_ == transaction::locked;
  if (was_locked && locks_left_ > 0) --locks_left_;
  if (said_.failure) {
    const failure_kind kind = kind_of_failure(said_.failure->code);
    if (kind == failure_kind::unknown) return begin_resolving(said_.failure->message);
    untidy_ = true;
    if (kind == failure_kind::conflict) return give_commit(commit_status::conflict);
    if (kind == failure_kind::damaged) {
      return give_commit(latch_.fence(to_error(*said_.failure).message));
    }
    notice_ = to_error(*said_.failure).message;
    return give_commit(commit_status::unavailable);
  }
  // A wait for the standby that was cancelled says COMMIT, and warns.
  const bool believed = said_.warning.empty() || planted(canary::ignore_warning);
  if (!believed) return begin_resolving(said_.warning);
  if (without_standby()) return begin_resolving("the database waits for no standby any more");
  if (said_.tag != "COMMIT") return give_commit(commit_status::unavailable);
  if (!said_.ours) {
    return give_commit(latch_.fence(
        "the database has not written what it was told to in a commit: somebody has changed it"));
  }
  if (const auto seen = latch_.see(led_to_, {}); !seen) return give_commit(seen.error());
  give_commit(commit_status::committed);
}

void session_machine::end_resolving() {
  if (said_.failure) return resolve_again(said_.failure->message);
  if (!said_.warning.empty()) return resolve_again(said_.warning);
  if (without_standby()) return resolve_again("the database waits for no standby any more");
  if (said_.tag != "COMMIT" || !said_.ours) return resolve_again("the database did not commit");
  if (!with_events_) {
    notice_ = "a commit without events leaves nothing to find it by";
    return give_commit(commit_status::unknown);
  }
  const bool there = said_.found == attempt_;
  notice_ = there ? "the commit whose outcome was not known was done"
                  : "the commit whose outcome was not known was not done";
  if (!there) return give_commit(commit_status::conflict);
  if (const auto seen = latch_.see(led_to_, {}); !seen) return give_commit(seen.error());
  give_commit(commit_status::committed);
}

void session_machine::give_load(result<log_head> outcome) {
  loaded_ = std::move(outcome);
  table_ = nullptr;
  end();
}

void session_machine::give_commit(result<commit_status> outcome) {
  if (outcome && *outcome == commit_status::conflict) locks_left_ = rules_.locked_batches;
  committed_ = std::move(outcome);
  open_ = transaction::none;
  end();
}

}  // namespace factord::storage
