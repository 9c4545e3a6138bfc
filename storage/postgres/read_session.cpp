#include "storage/postgres/read_session.hpp"

#include <chrono>
#include <utility>

#include "storage/postgres/connector.hpp"
#include "storage/postgres/failures.hpp"
#include "storage/postgres/head_row.hpp"

namespace factord::storage {

void read_session::answer(std::vector<read_job>& jobs) {
  std::size_t answered = 0;
  // A connection that was idle may have been gone for hours: then once more on a new one. And so
  // for those behind a job that has failed alone.
  bool once_more = connection_ != nullptr;
  for (;;) {
    const std::size_t before = answered;
    const auto asked = ask(jobs, answered);
    if (asked || answered == jobs.size()) return;
    if (answered > before || std::exchange(once_more, false)) continue;
    for (; answered < jobs.size(); ++answered) jobs[answered].done(asked.error());
    return;
  }
}

/// Asks for those that were not answered yet. Fails where some are left: with the connection, or
/// with a request.
result<void> read_session::ask(std::vector<read_job>& jobs, std::size_t& answered) {
  if (auto fenced = latch_.fenced()) return *std::move(fenced);
  if (connection_ == nullptr) {
    auto made = connect_(std::chrono::steady_clock::now() + rules_.read_time);
    if (!made && made.error().code == errc::storage_failed) {
      return latch_.fence(made.error().message);
    }
    if (!made) return error{errc::unavailable, made.error().message};
    connection_ = *std::move(made);
  }
  expected_ = latch_.newest();
  head_ = log_head{};
  replies_ = 0;
  requests_.assign({sql_request::of(sql::begin_snapshot), sql_request::of(sql::read_head)});
  before_ = requests_.size();
  for (std::size_t i = answered; i < jobs.size(); ++i) requests_.push_back(jobs[i].request());
  requests_.push_back(sql_request::of(sql::commit));
  connection_->send(requests_);
  auto talked = converse(*connection_, std::chrono::steady_clock::now() + rules_.read_time,
                         [&](const sql_reply& reply) { take(reply, jobs, answered); });
  // After a request that failed its transaction stays open, and after a loss there is nothing.
  if (!talked) connection_.reset();
  return talked;
}

void read_session::take(const sql_reply& reply, std::vector<read_job>& jobs,
                        std::size_t& answered) {
  const std::size_t place = replies_++;
  if (reply.how == sql_reply::kind::failed) {
    // What is damaged is that job's failure alone; everything else is of the connection.
    const bool of_a_job = place >= before_ && place + 1 < requests_.size();
    if (!of_a_job || kind_of_failure(reply.code) != failure_kind::damaged) return;
    return jobs[answered++].done(to_error({std::string{reply.code}, std::string{reply.message}}));
  }
  if (place + 1 == before_) {
    if (auto seen = take_head(reply); !seen) head_ = seen.error();
  }
  if (place < before_ || place + 1 == requests_.size()) return;
  if (!head_) return jobs[answered++].done(head_.error());
  jobs[answered++].done(read_rows{*head_, *reply.rows});
}

result<void> read_session::take_head(const sql_reply& reply) {
  const auto found = head_of(*reply.rows);
  if (!found) return latch_.fence("the head of the store in the database is missing, or is none");
  head_ = found->log;
  return latch_.see(found->log, expected_);
}

}  // namespace factord::storage
