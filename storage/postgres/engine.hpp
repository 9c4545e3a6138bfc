#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/engine/engine.hpp"
#include "storage/postgres/head_latch.hpp"
#include "storage/postgres/platform.hpp"
#include "storage/postgres/primary_watch.hpp"
#include "storage/postgres/session_rules.hpp"
#include "storage/postgres/store_clock.hpp"
#include "storage/postgres/writer_session.hpp"

namespace factord::storage {

/// The engine on a PostgreSQL database, which other processes may write to as well. The commit
/// thread has a connection of its own; every reader answers on a thread of `readers`, also
/// look-ups. Nothing is committed before the database says that it is durable, by its own settings
/// (server_check.hpp). What it cannot do now is errc::unavailable; it fails for good only where the
/// database has lost, or never had, what this process has seen (head_latch.hpp).
class postgres_engine final : public engine {
 public:
  /// What tells the time of a commit.
  enum class clock { database, caller };

  /// Connects when it is asked for something.
  postgres_engine(std::unique_ptr<postgres_platform> on, const session_rules& rules,
                  std::string store_id, writer_session::notice notice,
                  clock times = clock::database);
  ~postgres_engine() override;

  /// What was found out when the store was looked for.
  void see(const server_identity& server) { watch_.see(server); }

  const std::string& store_id() const noexcept override { return store_id_; }
  durability mode() const noexcept override { return durability::disk; }
  std::string_view kind() const noexcept override { return "postgres"; }
  timestamp now() const override;
  bool has_clock() const noexcept override { return true; }
  bool halves_batches() const noexcept override { return false; }
  bool others_write() const noexcept override { return true; }
  void on_background_failure(std::function<void(const error& failure)> tell) override;
  result<log_head> load(state_table& table) override;
  result<commit_status> commit(const state_table& table,
                               std::span<const new_event> events) override;
  void abandon() override;
  result<void> confirm() override;
  unsigned machines() const noexcept override { return 1 + watch_.standbys(); }
  result<void> sync() override;
  /// The database's own: errc::bad_argument says so.
  result<backup_entry> back_up(const std::filesystem::path& directory,
                               const backup_progress& progress) const override;
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

 private:
  [[nodiscard]] std::unique_ptr<read_session> make_reader(postgres_platform::use what);
  void note_time(const log_head& read) const;
  /// Hands a read over; checks that the engine was not stopped.
  void ask(readers::line in, read_job job) const;

  // Constant after construction.
  const std::unique_ptr<postgres_platform> on_;
  const session_rules rules_;
  const std::string store_id_;
  const clock times_;

  mutable head_latch latch_;
  mutable store_clock clock_;
  mutable primary_watch watch_;
  writer_session writer_;  ///< of the commit thread
  std::atomic<bool> stopped_ = false;
  const std::unique_ptr<readers> reads_;  ///< last: its threads use these
};

}  // namespace factord::storage
