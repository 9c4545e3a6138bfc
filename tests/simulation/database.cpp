#include "tests/simulation/database.hpp"

#include <algorithm>
#include <utility>

#include "storage/base/check.hpp"
#include "tests/simulation/database_session.hpp"

namespace factord::simulation {

database::database(surroundings around, database_tables content, std::uint32_t timeline)
    : around_(std::move(around)),
      tables_(std::make_shared<database_tables>(content)),
      standby_(std::move(content)) {
  begin_timeline(timeline);
}

/// What it was connected to as is another one, also where the timeline is the same.
void database::begin_timeline(std::uint32_t number) {
  tag_ = {.timeline = number, .started_at = tag_.started_at + 1};
}

timestamp database::clock() const {
  return timestamp{std::chrono::hours{24 * 20'000}} + around_.time.now() + clock_offset_;
}

void database::join(std::shared_ptr<database_session> session) {
  sessions_.push_back(std::move(session));
}

void database::leave(database_session& session) {
  free_head(session);
  std::erase_if(sessions_, [&](const auto& one) { return one.get() == &session; });
}

bool database::lock_head(database_session& by) {
  if (std::ranges::find(lock_, &by) == lock_.end()) lock_.push_back(&by);
  return lock_.front() == &by;
}

void database::free_head(database_session& by) {
  if (lock_.empty()) return;
  const bool held = lock_.front() == &by;
  std::erase(lock_, &by);
  if (held && !lock_.empty()) lock_.front()->go_on();
}

void database::write(row_changes changes, database_session& by) {
  log_.push_back({std::move(changes), by.shared_from_this()});
  replay();
}

/// Before the lock is free: who gets it next sees it.
void database::show(record& of) {
  const auto by = std::exchange(of.waits, nullptr);
  // Where another one is in its place, nothing is done by it any more.
  if (!of.changes.events.empty() && !superseded_) by->check_seen(*tables_);
  if (!of.changes.events.empty() && superseded_) around_.has_lost_events = true;
  // Who reads a snapshot has the tables as they were.
  if (tables_.use_count() > 1) tables_ = std::make_shared<database_tables>(*tables_);
  tables_->apply(of.changes);
  if (!superseded_) around_.changed();
}

void database::end_wait(record& of) {
  const auto by = of.waits;
  show(of);
  by->committed(true);
}

void database::replay() {
  if (replaying_ || log_.empty() || cut_off_) return;
  replaying_ = true;
  const moment delay{around_.random.between(20, 400)};
  const moment at = std::max(around_.time.now() + delay, standby_back_);
  around_.time.after(at - around_.time.now(), [this] { replay_first(); });
}

void database::replay_first() {
  replaying_ = false;
  if (cut_off_) return;
  if (!log_.empty() && around_.time.now() >= standby_back_) {
    record first = std::move(log_.front());
    log_.pop_front();
    standby_.apply(first.changes);
    if (const auto by = first.waits) {
      show(first);
      by->committed(false);
    }
  }
  replay();
}

void database::end_all_sessions() {
  for (const auto& one : std::exchange(sessions_, {})) one->end("the database is gone");
  lock_.clear();
  down_until_ = around_.time.now() + moment{around_.random.between(100, 20'000)};
}

void database::note_loss(const database_tables& left) {
  if (left.head().log.sequence < tables().head().log.sequence) around_.has_lost_events = true;
}

void database::restart() {
  around_.tell("crashes, and comes back");
  for (record& one : log_) {
    if (one.waits != nullptr) show(one);
  }
  end_all_sessions();
  begin_timeline(tag_.timeline);
}

void database::fail_over() {
  around_.tell("is killed, and its standby promoted");
  end_all_sessions();
  log_.clear();
  note_loss(standby_);
  tables_ = std::make_shared<database_tables>(standby_);
  begin_timeline(tag_.timeline + 1);
  cut_off_ = false;
  standby_back_ = std::max(standby_back_, down_until_);
  clock_offset_ = moment{around_.random.below(2'000'000)} - moment{1'000'000};
  around_.lost(false);
}

void database::put_back() {
  if (!backup_) return;
  around_.tell("is put back to event " + std::to_string(backup_->head().log.sequence));
  end_all_sessions();
  log_.clear();
  note_loss(*backup_);
  tables_ = std::make_shared<database_tables>(*backup_);
  standby_ = *backup_;
  // By a recovery to its end there is no new timeline.
  begin_timeline(tag_.timeline + (around_.random.percent(50) ? 1 : 0));
  cut_off_ = false;
  around_.lost(true);
}

void database::lose_standby(moment time) {
  around_.tell("has no standby for " + std::to_string(time.count()) + " us");
  standby_back_ = std::max(standby_back_, around_.time.now() + time);
}

void database::cancel_wait() {
  if (log_.empty() || log_.back().waits == nullptr) return;
  around_.tell("is told to wait no longer for its standby");
  end_wait(log_.back());
}

void database::cancel_touch(std::uint64_t process) {
  const auto found = std::ranges::find_if(log_, [process](const record& one) {
    return one.waits != nullptr && one.waits->touches() &&
           static_cast<std::uint64_t>(one.waits->process()) == process;
  });
  if (found != log_.end()) end_wait(*found);
}

void database::cut_off() {
  around_.tell("is cut off from its standby");
  cut_off_ = true;
}

std::unique_ptr<database> database::promote_standby() {
  around_.tell("lives on beside its standby, which is promoted");
  superseded_ = true;
  note_loss(standby_);
  auto made = std::make_unique<database>(around_, standby_, tag_.timeline + 1);
  made->backup_ = backup_;
  return made;
}

void database::die() {
  if (down_until_ == moment::max()) return;
  around_.tell("dies");
  end_all_sessions();
  log_.clear();
  down_until_ = moment::max();
}

void database::end_a_session() {
  if (sessions_.empty()) return;
  around_.tell("ends a session");
  const auto one = sessions_[around_.random.below(sessions_.size())];
  const auto written = std::ranges::find(log_, one, &record::waits);
  if (written != log_.end()) show(*written);
  one->end("terminating connection due to administrator command");
}

}  // namespace factord::simulation
