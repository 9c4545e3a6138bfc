#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "storage/engine/engine.hpp"
#include "storage/engine/memory_store.hpp"
#include "storage/engine/reader_thread.hpp"

namespace factord::storage {

/// An engine in memory, with faults to order: on a store of its own, or on one that it shares with
/// other engines. For `factord dev`, tests, sanitizers and the simulation; same contract as
/// RocksDB's.
class memory_engine : public engine {
 public:
  explicit memory_engine(std::string store_id, durability mode = durability::disk);
  explicit memory_engine(std::shared_ptr<memory_store> shared);

  /// For another engine on it.
  [[nodiscard]] const std::shared_ptr<memory_store>& shared() const noexcept { return store_; }

  /// Makes the k-th commit from now fail (1 is the next). What it wrote is lost, or, where `kept`,
  /// left in doubt (memory_store): the outcome that the caller could not know.
  void fail_commit(std::uint64_t k, bool kept = false);
  /// The next so many commits end like this, with nothing done.
  void refuse_commits(std::uint64_t count, commit_status how);
  /// Makes the k-th load from now fail as one that cannot read (1 is the next).
  void fail_load(std::uint64_t k);
  /// So many loads find the store unavailable: the next ones, or those `after` some more.
  void refuse_loads(std::uint64_t count, std::uint64_t after = 0);
  /// Makes the engine fail now, in no call: as the background work of a real one does.
  void fail_in_background();
  /// Walks over ranges are answered on a thread from now on, as RocksDB's engine does it; before,
  /// they are answered at once. To be called before any reader.
  void walk_apart();
  /// Every later commit takes this long (a real sleep on the commit thread).
  void delay_commits(std::chrono::microseconds delay);
  /// A load was neither committed nor abandoned yet.
  [[nodiscard]] bool in_transaction() const;

  // Of the store.
  void damage(std::string key) { store_->damage(std::move(key)); }
  [[nodiscard]] log_head durable_head() const { return store_->durable_head(); }
  /// A power cut, after which this engine is healthy again.
  void lose_volatile();

  const std::string& store_id() const noexcept override { return store_->store_id(); }
  const std::string& chain_start() const noexcept override { return store_->chain_start(); }
  durability mode() const noexcept override { return store_->mode(); }
  bool others_write() const noexcept override { return store_.use_count() > 1; }
  void on_background_failure(std::function<void(const error& failure)> tell) override;
  result<log_head> load(state_table& table) override;
  result<commit_status> commit(const state_table& table,
                               std::span<const new_event> events) override;
  void abandon() override;
  result<void> sync() override;
  void keep() override { store_->keep(); }
  result<log_head> reset() override;
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
  void check_running() const;
  void walk(std::function<void()> range) const;

  const std::shared_ptr<memory_store> store_;

  mutable std::mutex mutex_;                    ///< guards all below
  std::optional<memory_store::snapshot> open_;  ///< what the transaction goes on from
  std::uint64_t fail_load_in_ = 0;
  std::uint64_t refuse_loads_ = 0;
  std::uint64_t before_refusing_ = 0;
  std::uint64_t fail_in_ = 0;
  bool fail_keeps_ = false;
  std::uint64_t refuse_commits_ = 0;
  commit_status refusal_ = commit_status::conflict;
  bool failed_ = false;
  bool stopped_ = false;
  std::optional<error> background_failure_;
  std::function<void(const error& failure)> tell_;
  std::chrono::microseconds delay_{};

  std::unique_ptr<reader_thread> walks_;  ///< last: it reads all of these
};

}  // namespace factord::storage
