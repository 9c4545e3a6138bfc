#include "storage/postgres/snapshot.hpp"

#include <array>
#include <chrono>
#include <utility>

#include "storage/base/check.hpp"
#include "storage/postgres/connector.hpp"
#include "storage/postgres/converse.hpp"
#include "storage/postgres/head_row.hpp"
#include "storage/postgres/read_jobs.hpp"

namespace factord::storage {

result<std::unique_ptr<postgres_snapshot>> postgres_snapshot::open(
    const postgres_location& location, const session_rules& rules) {
  session_rules patient = rules;
  // Between two reads we may be busy for a while; 0 is without end.
  patient.idle_transaction_time = {};
  std::string store_id;
  auto session = connect_to_store(location, patient, statements_of_readers(), store_id,
                                  time_for_all(location, rules));
  if (!session) return session.error();
  std::unique_ptr<postgres_snapshot> made{
      new postgres_snapshot{*std::move(session), patient, std::move(store_id)}};
  if (const auto begun = made->begin(); !begun) return begun.error();
  return made;
}

postgres_snapshot::~postgres_snapshot() { stop(); }

result<void> postgres_snapshot::begin() {
  const std::array requests{sql_request::of(sql::begin_snapshot), sql_request::of(sql::read_head)};
  session_->send(requests);
  std::optional<loaded_head> found;
  const auto talked = converse(*session_, std::chrono::steady_clock::now() + rules_.read_time,
                               [&found](const sql_reply& reply) {
                                 if (reply.rows != nullptr) found = head_of(*reply.rows);
                               });
  if (!talked) return talked.error();
  if (!found) return error{errc::corruption, "the head of the store in the database is none"};
  head_ = found->log;
  return {};
}

void postgres_snapshot::ask(read_job job) const {
  std::unique_lock lock{mutex_};
  FACTORD_CHECK(!stopped_);
  waiting_.push_back(std::move(job));
  if (std::exchange(answering_, true)) return;
  while (!waiting_.empty()) {
    const read_job next = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    answer(next);
    lock.lock();
  }
  answering_ = false;
  idle_.notify_all();
}

void postgres_snapshot::answer(const read_job& job) const {
  if (failed_) return job.done(*failed_);
  const sql_request request = job.request();
  session_->send({&request, 1});
  bool answered = false;
  const auto talked = converse(*session_, std::chrono::steady_clock::now() + rules_.read_time,
                               [&](const sql_reply& reply) {
                                 if (reply.rows == nullptr) return;
                                 answered = true;
                                 job.done(read_rows{head_, *reply.rows});
                               });
  if (talked) return;
  // Its transaction ended with that: there is no way back to this moment.
  failed_ = talked.error();
  if (!answered) job.done(*failed_);
}

void postgres_snapshot::stop() {
  std::unique_lock lock{mutex_};
  idle_.wait(lock, [this] { return !answering_; });
  stopped_ = true;
}

void postgres_snapshot::read_states(std::span<const std::string> keys,
                                    callback<states_answer> done) const {
  ask(job_of_states(keys, std::move(done)));
}

void postgres_snapshot::read_events(std::uint64_t after, std::size_t limit,
                                    callback<events_answer> done) const {
  ask(job_of_events(after, limit, std::move(done)));
}

void postgres_snapshot::read_user_events(std::string_view user_id, std::uint64_t after,
                                         std::size_t limit, callback<events_answer> done) const {
  ask(job_of_user_events(user_id, after, limit, std::move(done)));
}

void postgres_snapshot::read_last_user_event(std::string_view user_id,
                                             callback<events_answer> done) const {
  ask(job_of_last_user_event(user_id, std::move(done)));
}

void postgres_snapshot::scan_states(std::string_view prefix, std::string_view after,
                                    std::size_t limit,
                                    callback<std::vector<key_value>> done) const {
  ask(job_of_state_scan(prefix, after, limit, std::move(done)));
}

void postgres_snapshot::scan_user_events(std::string_view after, std::size_t limit,
                                         callback<std::vector<std::string>> done) const {
  ask(job_of_user_scan(after, limit, std::move(done)));
}

}  // namespace factord::storage
