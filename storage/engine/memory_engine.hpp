#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "storage/engine/engine.hpp"
#include "storage/engine/reader_thread.hpp"

namespace factord::storage {

/// An engine in ordered maps of the same key and record bytes, with a durable and a volatile part
/// and faults to order. For tests, sanitizers and the simulation; same contract as RocksDB's.
class memory_engine : public engine {
 public:
  explicit memory_engine(std::string store_id, durability mode = durability::disk);

  /// Makes the k-th commit from now fail (1 is the next). What it wrote is lost, or, where `kept`,
  /// found again by lose_volatile(): the outcome that the caller could not know. (Kept means
  /// durable; mode `process` makes nothing durable in a commit, so there it is lost all the same.)
  void fail_commit(std::uint64_t k, bool kept = false);
  /// Makes the k-th load from now fail as one that cannot read (1 is the next).
  void fail_load(std::uint64_t k);
  /// As a damaged block: nobody can read the state with this key any more.
  void damage(std::string key);
  /// Makes the engine fail now, in no call: as the background work of a real one does.
  void fail_in_background();
  /// Walks over ranges are answered on a thread from now on, as RocksDB's engine does it; before,
  /// they are answered at once. To be called before any reader.
  void walk_apart();
  /// Every later commit takes this long (a real sleep on the commit thread).
  void delay_commits(std::chrono::microseconds delay);
  /// A power cut: back to what was durable, and healthy again.
  void lose_volatile();
  /// A load was neither committed nor abandoned yet.
  [[nodiscard]] bool in_transaction() const;
  /// The head that a power cut would leave.
  [[nodiscard]] log_head durable_head() const;

  const std::string& store_id() const noexcept override;
  durability mode() const noexcept override;
  void on_background_failure(std::function<void(const error& failure)> tell) override;
  result<log_head> load(state_table& table) override;
  result<void> commit(const state_table& table, std::span<const new_event> events) override;
  void abandon() override;
  result<void> sync() override;
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
  using ordered_map = std::map<std::string, std::string, std::less<>>;

  /// A key and what it is set to; nothing: erased.
  struct change {
    ordered_map* map;
    std::string key;
    std::optional<std::string> value;
  };
  struct step {
    std::vector<change> changes;
    log_head head;
  };

  void check_running() const;
  [[nodiscard]] result<void> check_readable(std::string_view key) const;
  [[nodiscard]] result<step> step_of(const state_table& table, std::span<const new_event> events);
  void apply(const change& wanted);
  [[nodiscard]] result<states_answer> states_of(std::span<const std::string> keys) const;
  void walk(std::function<void()> range) const;
  [[nodiscard]] events_answer events_after(std::uint64_t after, std::size_t limit) const;
  [[nodiscard]] std::vector<key_value> states_between(std::string_view prefix,
                                                      std::string_view after,
                                                      std::size_t limit) const;
  [[nodiscard]] std::vector<std::string> user_event_keys_after(std::string_view after,
                                                               std::size_t limit) const;
  [[nodiscard]] events_answer read_user_range(std::string_view user_id, std::uint64_t after,
                                              std::size_t limit) const;

  const std::string store_id_;
  const durability mode_;

  mutable std::mutex mutex_;  ///< guards all below
  ordered_map states_;
  ordered_map events_;
  ordered_map user_events_;
  log_head head_;
  std::vector<change> undo_;  ///< mode `process`: leads back to the last sync, last change first
  log_head durable_head_;
  std::optional<step> kept_;  ///< of the commit that was made to fail
  std::set<std::string, std::less<>> damaged_;
  std::uint64_t fail_load_in_ = 0;
  std::uint64_t fail_in_ = 0;
  bool fail_keeps_ = false;
  bool failed_ = false;
  bool open_ = false;  ///< a transaction
  bool stopped_ = false;
  std::optional<error> background_failure_;
  std::function<void(const error& failure)> tell_;
  std::chrono::microseconds delay_{};

  std::unique_ptr<reader_thread> walks_;  ///< last: it reads all of these
};

}  // namespace factord::storage
