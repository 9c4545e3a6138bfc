#include "storage/postgres/engine.hpp"

#include <utility>

#include "storage/base/check.hpp"
#include "storage/postgres/read_jobs.hpp"

namespace factord::storage {

using line = readers::line;
using use = postgres_platform::use;

postgres_engine::postgres_engine(std::unique_ptr<postgres_platform> on, const session_rules& rules,
                                 std::string store_id, writer_session::notice notice, clock times)
    : on_(std::move(on)),
      rules_(rules),
      store_id_(std::move(store_id)),
      times_(times),
      watch_(rules_.lease_time),
      writer_(rules_, latch_, watch_, on_->make_io(use::writing, watch_), std::move(notice)),
      reads_(on_->start(make_reader(use::look_ups), make_reader(use::walks))) {}

postgres_engine::~postgres_engine() { stop(); }

std::unique_ptr<read_session> postgres_engine::make_reader(use what) {
  return std::make_unique<read_session>(rules_, latch_, watch_, on_->make_io(what, watch_));
}

void postgres_engine::on_background_failure(std::function<void(const error& failure)> tell) {
  latch_.on_fenced(std::move(tell));
}

result<log_head> postgres_engine::load(state_table& table) {
  auto head = writer_.load(table);
  if (head) note_time(*head);
  if (head && times_ == clock::caller) head->read_at.reset();
  return head;
}

timestamp postgres_engine::now() const { return clock_.now(on_->now()); }

void postgres_engine::note_time(const log_head& read) const {
  if (read.read_at) clock_.see(*read.read_at, on_->now());
}

result<commit_status> postgres_engine::commit(const state_table& table,
                                              std::span<const new_event> events) {
  return writer_.commit(table, events);
}

void postgres_engine::abandon() { writer_.abandon(); }

result<void> postgres_engine::confirm() { return writer_.confirm(); }

/// What a commit has answered is durable already.
result<void> postgres_engine::sync() {
  if (auto fenced = latch_.fenced()) return *std::move(fenced);
  return {};
}

result<backup_entry> postgres_engine::back_up(const std::filesystem::path& /*directory*/,
                                              const backup_progress& /*progress*/) const {
  return error{
      errc::bad_argument,
      "the store is in a database, whose own backups hold it: pg_basebackup, or pgBackRest"};
}

void postgres_engine::stop() {
  on_background_failure({});
  // Before it counts as stopped: callbacks may still read.
  reads_->wait();
  stopped_.store(true, std::memory_order_release);
}

void postgres_engine::ask(line in, read_job job) const {
  FACTORD_CHECK(!stopped_.load(std::memory_order_acquire));
  job.by = on_->now() + rules_.read_time;
  job.done = [this, done = std::move(job.done)](const result<read_rows>& found) {
    if (found) note_time(found->head);
    done(found);
  };
  reads_->ask(in, std::move(job));
}

void postgres_engine::read_states(std::span<const std::string> keys,
                                  callback<states_answer> done) const {
  ask(line::look_ups, job_of_states(keys, std::move(done)));
}

void postgres_engine::read_events(std::uint64_t after, std::size_t limit,
                                  callback<events_answer> done) const {
  ask(line::walks, job_of_events(after, limit, std::move(done)));
}

void postgres_engine::read_user_events(std::string_view user_id, std::uint64_t after,
                                       std::size_t limit, callback<events_answer> done) const {
  ask(line::walks, job_of_user_events(user_id, after, limit, std::move(done)));
}

void postgres_engine::read_last_user_event(std::string_view user_id,
                                           callback<events_answer> done) const {
  ask(line::look_ups, job_of_last_user_event(user_id, std::move(done)));
}

void postgres_engine::scan_states(std::string_view prefix, std::string_view after,
                                  std::size_t limit, callback<std::vector<key_value>> done) const {
  ask(line::walks, job_of_state_scan(prefix, after, limit, std::move(done)));
}

void postgres_engine::scan_user_events(std::string_view after, std::size_t limit,
                                       callback<std::vector<std::string>> done) const {
  ask(line::walks, job_of_user_scan(after, limit, std::move(done)));
}

}  // namespace factord::storage
