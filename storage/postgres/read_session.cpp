#include "storage/postgres/read_session.hpp"

#include <utility>

#include "storage/base/canary.hpp"
#include "storage/postgres/converse.hpp"
#include "storage/postgres/failures.hpp"
#include "storage/postgres/head_row.hpp"
#include "storage/postgres/standbys.hpp"
#include "storage/postgres/touch.hpp"

namespace factord::storage {

void read_session::answer(std::vector<read_job>& jobs) {
  end_late_ones(jobs);
  if (jobs.empty()) return;
  const time by = io_->now() + rules_.read_time;
  std::size_t answered = 0;
  // A connection that was idle may have been gone for hours: then once more on a new one. And so
  // for those behind a job that has failed alone.
  bool once_more = connected();
  for (;;) {
    const std::size_t before = answered;
    const auto asked = ask(jobs, answered, by);
    if (asked) return;
    // After a request that failed its transaction stays open, after a loss there is nothing, and
    // what comes too late would be taken for answers to what is asked next.
    io_->close();
    if (answered == jobs.size()) return;
    if (answered > before || (std::exchange(once_more, false) && io_->now() < by)) continue;
    for (; answered < jobs.size(); ++answered) jobs[answered].done(asked.error());
    return;
  }
}

/// A database that says nothing would be waited for once more.
void read_session::end_late_ones(std::vector<read_job>& jobs) {
  const time now = io_->now();
  std::erase_if(jobs, [now](const read_job& one) {
    if (now < one.by) return false;
    one.done(error{errc::unavailable, "the database has not answered others in time"});
    return true;
  });
}

void read_session::look() {
  if (!connected() || ended_or_outdated(*io_, watch_)) return;
  requests_.assign(1, sql_request::of(sql::read_standbys));
  io_->send(requests_);
  const auto take_standbys = [this](const sql_reply& reply) {
    if (reply.rows == nullptr || reply.rows->size() == 0) return;
    if (const auto cell = reply.rows->cell(0, 0)) watch_.see_standbys(demanded_standbys(*cell));
  };
  const auto talked = converse(*io_, io_->now() + rules_.commit_time, take_standbys);
  if (!talked) io_->close();
}

/// Asks for those that were not answered yet. Fails where some are left: with the connection, or
/// with a request.
result<void> read_session::ask(std::vector<read_job>& jobs, std::size_t& answered, time by) {
  if (auto fenced = latch_.fenced()) return *std::move(fenced);
  if (auto there = be_connected(by); !there) return there;
  // Once, but for a server that takes longer to answer than it is trusted for.
  do {
    auto sure = planted(canary::stale_read) ? result<void>{} : make_sure(*io_, watch_, rules_, by);
    if (!sure) return sure;
    if (auto asked = exchange(jobs, answered, by); !asked) {
      if (!stale_) return asked;
      return error{errc::unavailable, "the database took too long to be believed"};
    }
  } while (stale_);
  return {};
}

result<void> read_session::be_connected(time by) {
  if (connected()) {
    if (!ended_or_outdated(*io_, watch_)) return {};
    io_->close();
  }
  const auto made = io_->connect(by);
  if (!made && made.error().code == errc::storage_failed) {
    return latch_.fence(made.error().message);
  }
  if (!made) return error{errc::unavailable, made.error().message};
  unchecked_ = true;
  return {};
}

result<void> read_session::exchange(std::vector<read_job>& jobs, std::size_t& answered, time by) {
  expected_ = latch_.newest();
  head_ = log_head{};
  stale_ = false;
  replies_ = 0;
  event_hash_.reset();
  requests_.assign(1, sql_request::of(sql::begin_snapshot));
  if (unchecked_ && expected_.sequence > 0) {
    sequence_ = bytes_of_number(clamped(expected_.sequence));
    requests_.push_back(sql_request::of(sql::read_event_hash, as_bytes(sequence_)));
  }
  requests_.push_back(sql_request::of(sql::read_head));
  before_ = requests_.size();
  for (std::size_t i = answered; i < jobs.size(); ++i) requests_.push_back(jobs[i].request());
  requests_.push_back(sql_request::of(sql::commit));
  io_->send(requests_);
  const auto take_one = [&](const sql_reply& reply) { take(reply, jobs, answered); };
  if (auto talked = converse(*io_, by, take_one); !talked) return talked;
  if (replies_ == requests_.size()) return {};
  return error{errc::unavailable, "the database did not answer as it was asked"};
}

void read_session::take(const sql_reply& reply, std::vector<read_job>& jobs,
                        std::size_t& answered) {
  const std::size_t place = replies_++;
  if (stale_ || place >= requests_.size()) return;
  if (reply.how == sql_reply::kind::failed) {
    // What is damaged is that job's failure alone; everything else is of the connection.
    const bool of_a_job = place >= before_ && place + 1 < requests_.size();
    if (!of_a_job || kind_of_failure(reply.code) != failure_kind::damaged) return;
    return jobs[answered++].done(to_error({std::string{reply.code}, std::string{reply.message}}));
  }
  if (requests_[place].which == sql::read_event_hash && reply.rows->size() > 0) {
    if (const auto cell = reply.rows->cell(0, 0)) event_hash_ = *cell;
  }
  if (place + 1 == before_) {
    if (auto seen = take_head(reply); !seen) head_ = seen.error();
  }
  if (place < before_ || place + 1 == requests_.size() || stale_) return;
  if (!head_) return jobs[answered++].done(head_.error());
  jobs[answered++].done(read_rows{*head_, *reply.rows});
}

result<void> read_session::take_head(const sql_reply& reply) {
  const auto found = head_of(*reply.rows);
  if (!found) return latch_.fence("the head of the store in the database is missing, or is none");
  head_ = found->log;
  // The snapshot is no newer than this reply, so it is the newest primary's if that is what the
  // server still is by now. Of an old one a head that is behind says nothing.
  const auto peer = io_->connected_to();
  stale_ = !peer || !watch_.current(peer->server, io_->now());
  if (planted(canary::stale_read)) stale_ = false;
  if (stale_) return {};
  watch_.see_standbys(found->standbys);
  if (planted(canary::reads_without_latch)) return {};
  // Before its head is latched: behind one that is higher, what was answered may be missing.
  if (std::exchange(unchecked_, false) && expected_.sequence > 0) {
    if (const auto same = latch_.see_event(expected_, event_hash_); !same) return same;
  }
  return latch_.see(found->log, expected_);
}

}  // namespace factord::storage
