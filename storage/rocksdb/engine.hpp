#pragma once

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "storage/engine/engine.hpp"
#include "storage/engine/reader_thread.hpp"
#include "storage/engine/renewed_id.hpp"
#include "storage/rocksdb/database.hpp"
#include "storage/rocksdb/features.hpp"
#include "storage/rocksdb/kept_state.hpp"
#include "storage/rocksdb/memtable/core_yielder.hpp"
#include "storage/rocksdb/opened_store.hpp"
#include "storage/rocksdb/reset_gate.hpp"
#include "storage/rocksdb/state_loader.hpp"

namespace factord::storage {

/// The engine on RocksDB. The head of the log is kept in memory: this process is the only writer,
/// which the lock of the data directory sees to. Readers never show what is past that head. Walks
/// over ranges have a thread of their own, unless the store is open for reading only: then nobody
/// else waits for the caller.
class rocksdb_engine final : public engine {
 public:
  rocksdb_engine(std::unique_ptr<rocksdb_database> database, opened_store found, durability mode);
  ~rocksdb_engine() override;

  const std::string& store_id() const noexcept override { return id_.current(); }
  const std::string& chain_start() const noexcept override { return chain_start_; }
  durability mode() const noexcept override;
  std::string_view kind() const noexcept override { return "rocksdb"; }
  store_sizes sizes() const override { return database_->sizes(); }
  store_format format() const noexcept override { return format_; }
  void on_background_failure(std::function<void(const error& failure)> tell) override;
  result<log_head> load(state_table& table) override;
  void expect(const state_table& next) override { states_.expect(next); }
  result<commit_status> commit(const state_table& table,
                               std::span<const new_event> events) override;
  void abandon() override {}  // what it loaded it has not changed, and nobody waits for it
  std::optional<std::chrono::nanoseconds> last_sync() const override;
  result<void> sync() override;
  result<void> compact() override;
  void read_states(std::span<const std::string> keys, callback<states_answer> done) const override;
  void read_events(std::uint64_t after, std::size_t limit,
                   callback<events_answer> done) const override;
  void read_user_events(std::string_view user_id, std::uint64_t after, std::size_t limit,
                        callback<events_answer> done) const override;
  void read_last_user_event(std::string_view user_id, callback<events_answer> done) const override;
  void scan_states(std::string_view prefix, std::string_view after, std::size_t limit,
                   callback<std::vector<key_value>> done) const override;
  void scan_user_events(std::string_view after, std::size_t limit,
                        callback<std::vector<std::string>> done) const override;
  void stop() override;
  void keep() override;
  result<log_head> reset() override;
  result<backup_entry> back_up(const std::filesystem::path& directory,
                               const backup_progress& progress) const override;

 private:
  /// Where look-ups, most walks and commits begin; none of them does after stop().
  [[nodiscard]] log_head head() const;
  /// The same for who may also begin after stop().
  [[nodiscard]] log_head committed_head() const;
  [[nodiscard]] std::optional<error> refusal() const;
  [[nodiscard]] error fail(const rocksdb::Status& status, std::string_view doing);
  [[nodiscard]] result<commit_status> write(const state_table& table,
                                            std::span<const new_event> events);
  [[nodiscard]] result<log_head> fill_batch(const state_table& table,
                                            std::span<const new_event> events);
  [[nodiscard]] result<void> go_back(rocksdb::WriteBatch& way, std::string id, const log_head& to);

  [[nodiscard]] result<states_answer> states_of(std::span<const std::string> keys) const;
  [[nodiscard]] result<void> add_last_events(std::span<const std::string> keys,
                                             states_answer& answer) const;
  [[nodiscard]] result<events_answer> events_after(std::uint64_t after, std::size_t limit) const;
  [[nodiscard]] result<events_answer> user_events_after(std::string_view user_id,
                                                        std::uint64_t after,
                                                        std::size_t limit) const;
  [[nodiscard]] result<events_answer> last_user_event(std::string_view user_id) const;
  /// Of the last event of a user that is not past this sequence; 0 where there is none.
  [[nodiscard]] result<std::uint64_t> last_sequence_of(std::string_view user_id,
                                                       std::uint64_t most) const;
  [[nodiscard]] result<void> load_last_events(state_table& table, const log_head& at);
  [[nodiscard]] result<void> append_event(std::uint64_t sequence, events_answer& answer) const;
  [[nodiscard]] result<std::vector<key_value>> states_between(std::string_view prefix,
                                                              std::string_view after,
                                                              std::size_t limit) const;
  [[nodiscard]] result<std::vector<std::string>> user_event_keys_after(std::string_view after,
                                                                       std::size_t limit) const;
  /// No reader is called after stop().
  void check_running() const;
  /// Runs a walk where it may take its time.
  void walk(std::function<void()> range) const;
  /// For the steps of a walk: the cores belong to those who do not wait for it.
  [[nodiscard]] core_yielder sharing() const;

  // Constant after construction.
  const std::unique_ptr<rocksdb_database> database_;
  renewed_id id_;
  const std::string chain_start_;
  const durability mode_;
  const store_format format_;
  const rocksdb::WriteOptions write_options_;

  // Of the commit thread; kept for their memory.
  state_loader states_;
  rocksdb::WriteBatch batch_;
  features_in_use features_;
  std::string key_;

  std::optional<kept_state> kept_;
  mutable reset_gate gate_;        ///< of readers, where kept_ is there
  mutable std::mutex backing_up_;  ///< held while a backup is made

  mutable std::mutex head_mutex_;
  log_head head_;         ///< guarded by head_mutex_; written by the commit thread only
  bool stopped_ = false;  ///< guarded by head_mutex_

  const std::unique_ptr<reader_thread> walks_;  ///< last: it reads all of these
};

}  // namespace factord::storage
