#include "storage/rocksdb/engine.hpp"

#include <utility>

#include "storage/base/canary.hpp"
#include "storage/base/check.hpp"
#include "storage/base/machine_share.hpp"
#include "storage/engine/store_id.hpp"
#include "storage/model/event_value.hpp"
#include "storage/model/keys.hpp"
#include "storage/rocksdb/backup_directory.hpp"
#include "storage/rocksdb/backup_writer.hpp"
#include "storage/rocksdb/failure/status.hpp"
#include "storage/rocksdb/options.hpp"
#include "storage/rocksdb/store_meta.hpp"
#include "storage/rocksdb/wal/prewritten_wal.hpp"

namespace factord::storage {

namespace {

rocksdb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

}  // namespace

rocksdb_engine::rocksdb_engine(std::unique_ptr<rocksdb_database> database, opened_store found,
                               durability mode)
    : database_(std::move(database)),
      id_(std::move(found.id)),
      chain_start_(std::move(found.chain_start)),
      mode_(mode),
      format_(found.format),
      write_options_(write_options(mode)),
      states_(*database_),
      head_(found.head),
      walks_(database_->read_only() ? nullptr : std::make_unique<reader_thread>()) {}

rocksdb_engine::~rocksdb_engine() {
  stop();
  // A clean end loses nothing in mode `process` either. Whoever cares for the outcome has synced.
  if (mode_ == durability::process && !refusal()) (void)sync();
}

durability rocksdb_engine::mode() const noexcept { return mode_; }

void rocksdb_engine::on_background_failure(std::function<void(const error& failure)> tell) {
  database_->failure().on_background_failure(std::move(tell));
}

void rocksdb_engine::stop() {
  on_background_failure({});
  // Before it counts as stopped: what was asked for may still read.
  if (walks_ != nullptr) walks_->wait();
  const std::lock_guard lock{head_mutex_};
  stopped_ = true;
}

void rocksdb_engine::check_running() const {
  const std::lock_guard lock{head_mutex_};
  FACTORD_CHECK(!stopped_);
}

log_head rocksdb_engine::head() const {
  const std::lock_guard lock{head_mutex_};
  FACTORD_CHECK(!stopped_);
  return head_;
}

log_head rocksdb_engine::committed_head() const {
  const std::lock_guard lock{head_mutex_};
  return head_;
}

/// Why a write is refused before RocksDB is asked.
std::optional<error> rocksdb_engine::refusal() const {
  if (database_->read_only())
    return error{errc::bad_argument, "the store is open for reading only"};
  const auto failure = database_->failure().get();
  if (!failure) return std::nullopt;
  return error{errc::storage_failed, "an earlier write failed: " + failure->message};
}

error rocksdb_engine::fail(const rocksdb::Status& status, std::string_view doing) {
  error failure = to_error(status, doing);
  database_->failure().set(failure);
  return failure;
}

result<log_head> rocksdb_engine::load(state_table& table) {
  if (auto refused = refusal()) {
    states_.forget();
    return *std::move(refused);
  }
  if (const auto loaded = states_.load(table); !loaded) return loaded.error();
  const log_head at = head();
  if (const auto loaded = load_last_events(table, at); !loaded) return loaded.error();
  return at;
}

/// Nobody else writes, so this is of the same moment as the states.
result<void> rocksdb_engine::load_last_events(state_table& table, const log_head& at) {
  if (!table.wants_last_events()) return {};
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (!is_last_event_key(table.key(i))) continue;
    const auto last = last_sequence_of(user_of_last_event_key(table.key(i)), at.sequence);
    if (!last) return last.error();
    set_event_key(key_, *last);
    table.set_loaded(i, *last > 0 ? std::optional<std::string_view>{key_} : std::nullopt);
  }
  return {};
}

result<commit_status> rocksdb_engine::commit(const state_table& table,
                                             std::span<const new_event> events) {
  auto ended = write(table, events);
  states_.note_commit(table);
  return ended;
}

result<commit_status> rocksdb_engine::write(const state_table& table,
                                            std::span<const new_event> events) {
  if (auto refused = refusal()) return *std::move(refused);
  const auto next = fill_batch(table, events);
  if (!next) return next.error();

  const auto written = database_->db().Write(write_options_, &batch_);
  if (!written.ok()) return fail(written, "writing a batch");
  {
    const std::lock_guard lock{head_mutex_};
    head_ = *next;
  }
  if (planted(canary::stream_before_sync)) {
    if (const auto synced = sync(); !synced) return synced.error();
  }
  return commit_status::committed;
}

/// Puts all of a commit into batch_; returns the head that it leads to.
result<log_head> rocksdb_engine::fill_batch(const state_table& table,
                                            std::span<const new_event> events) {
  batch_.Clear();
  const auto put = [this](rocksdb::ColumnFamilyHandle* family, std::string_view key,
                          std::string_view value) {
    FACTORD_CHECK(batch_.Put(family, slice(key), slice(value)).ok());
  };
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (!table.changed(i)) continue;
    if (kept_) kept_->note_state(table.key(i));
    if (is_retry_key(table.key(i))) features_.use(retries_feature);
    if (const auto record = table.record(i)) {
      put(database_->states(), table.key(i), *record);
    } else {
      FACTORD_CHECK(batch_.Delete(database_->states(), slice(table.key(i))).ok());
    }
  }
  log_head next = head();
  for (const new_event& event : events) {
    // Invariant 1: no gap.
    FACTORD_CHECK(event.sequence == next.sequence + 1);
    next.sequence = event.sequence;
    set_event_key(key_, event.sequence);
    put(database_->events(), key_, event.value);
    set_user_event_key(key_, event.user_id, event.sequence);
    put(database_->user_events(), key_, {});
    if (kept_) kept_->note_user_event(key_);
    if (event.within_org) features_.use(within_org_feature);
  }
  if (const auto noted = features_.put_new(*database_, batch_); !noted) return noted.error();
  if (events.empty()) return next;
  const std::uint64_t epoch = token_epoch_after(next.token_epoch, events);
  if (epoch != next.token_epoch) put_token_epoch(*database_, epoch, batch_);
  auto led_to = head_at(events.back().sequence, events.back().value);
  if (led_to) led_to->token_epoch = epoch;
  return led_to;
}

// RocksDB syncs its log on the thread that writes.
std::optional<std::chrono::nanoseconds> rocksdb_engine::last_sync() const {
  return last_wal_sync();
}

result<void> rocksdb_engine::sync() {
  if (auto refused = refusal()) return *std::move(refused);
  const auto synced = database_->db().SyncWAL();
  if (!synced.ok()) return fail(synced, "syncing the log");
  return {};
}

result<void> rocksdb_engine::compact() {
  if (auto refused = refusal()) return *std::move(refused);
  rocksdb::CompactRangeOptions whole;
  whole.max_subcompactions = find_machine_share().cores;
  for (auto* const family : {database_->states(), database_->events(), database_->user_events()}) {
    // Flushes the family first.
    const auto compacted = database_->db().CompactRange(whole, family, nullptr, nullptr);
    if (!compacted.ok()) return fail(compacted, "compacting the store");
  }
  return {};
}

result<backup_entry> rocksdb_engine::back_up(const std::filesystem::path& directory,
                                             const backup_progress& progress) const {
  if (auto refused = refusal()) return *std::move(refused);
  const std::lock_guard one_store{backing_up_};
  // The head first: what is copied afterwards holds at least that.
  const log_head began_at = committed_head();
  const auto into = backup_directory::make(directory, database_->path().parent_path());
  if (!into) return into.error();
  auto made = with_paths(write_backup(*database_, store_id(), began_at, into->place(), progress));
  // What was made where nobody will look for it was not made.
  if (const auto leads = into->check_path(); made && !leads) return leads.error();
  return made;
}

void rocksdb_engine::keep() {
  kept_.emplace(*database_, head());
  // What it began with the first reset need not flush. Where this fails, so does the next write.
  (void)flush_user_events(*database_);
}

result<log_head> rocksdb_engine::reset() {
  if (!kept_) return engine::reset();
  if (auto refused = refusal()) return *std::move(refused);
  const std::unique_lock no_backup{backing_up_, std::try_to_lock};
  if (!no_backup) return error{errc::unavailable, "a backup is being made"};
  states_.forget();
  log_head to = kept_->head();
  // It only goes up: nothing that was found out about a token before holds.
  to.token_epoch = head().token_epoch + 1;
  std::string id = draw_store_id();
  auto back = kept_->way_back(head(), {id, chain_start_, to});
  if (!back) return error{errc::unavailable, back.error().message};
  if (const auto flushed = flush_user_events(*database_); !flushed) return flushed.error();
  if (const auto gone = go_back(*back, std::move(id), to); !gone) return gone.error();
  if (const auto flushed = flush_user_events(*database_); !flushed) return flushed.error();
  return to;
}

/// Between two flushes (kept_state::go_back), for which no reader waits.
result<void> rocksdb_engine::go_back(rocksdb::WriteBatch& way, std::string id, const log_head& to) {
  const auto nobody_reads = gate_.close();
  if (auto gone = kept_->go_back(way); !gone) return gone;
  id_.renew(std::move(id));
  const std::lock_guard lock{head_mutex_};
  head_ = to;
  return {};
}

}  // namespace factord::storage
