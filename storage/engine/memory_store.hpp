#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/thread.hpp"
#include "storage/engine/engine.hpp"
#include "storage/engine/layered_map.hpp"
#include "storage/engine/renewed_id.hpp"

namespace factord::storage {

/// What memory engines work on: ordered maps of the keys and record bytes that RocksDB would hold,
/// with a durable and a volatile part. Several engines may share one, as servers share a database.
/// Any thread.
class memory_store {
 public:
  explicit memory_store(std::string store_id, durability mode = durability::disk);

  /// The text is there as long as the store is.
  [[nodiscard]] const std::string& store_id() const noexcept { return id_.current(); }
  /// As log_source::chain_start.
  [[nodiscard]] const std::string& chain_start() const noexcept { return chain_start_; }
  [[nodiscard]] durability mode() const noexcept { return mode_; }

  /// As those of engine; that all of it is durable is checked.
  void keep();
  [[nodiscard]] log_head reset();

  /// As a damaged block: nobody can read the state with this key any more.
  void damage(std::string key);
  /// A power cut: back to what was durable.
  void lose_volatile();
  /// The head that a power cut would leave.
  [[nodiscard]] log_head durable_head() const;

  /// What a load has seen: no commit that goes on from it is made after another's.
  struct snapshot {
    log_head head;
    std::uint64_t commits = 0;
  };
  /// A commit that is in doubt is made before, if it still can be.
  [[nodiscard]] result<snapshot> load(state_table& table);
  /// commit_status::conflict where somebody has committed since.
  [[nodiscard]] result<commit_status> commit(const snapshot& seen, const state_table& table,
                                             std::span<const new_event> events);
  /// Such a commit, of which its caller does not hear: it is made, durably, when somebody loads
  /// next, or in a power cut; or never, where another one was made by then. In mode `process` it is
  /// lost, for that makes nothing durable in a commit.
  [[nodiscard]] result<void> leave_in_doubt(const snapshot& seen, const state_table& table,
                                            std::span<const new_event> events);
  void sync();

  // As the readers of log_source.
  [[nodiscard]] result<states_answer> states_of(std::span<const std::string> keys) const;
  [[nodiscard]] events_answer events_after(std::uint64_t after, std::size_t limit) const;
  [[nodiscard]] events_answer user_events_after(std::string_view user_id, std::uint64_t after,
                                                std::size_t limit) const;
  [[nodiscard]] events_answer last_user_event(std::string_view user_id) const;
  [[nodiscard]] std::vector<key_value> states_between(std::string_view prefix,
                                                      std::string_view after,
                                                      std::size_t limit) const;
  [[nodiscard]] std::vector<std::string> user_event_keys_after(std::string_view after,
                                                               std::size_t limit) const;

 private:
  /// A key and what it is set to; nothing: erased.
  struct change {
    layered_map* map;
    std::string key;
    std::optional<std::string> value;
  };
  struct step {
    std::vector<change> changes;
    log_head head;
  };

  // The caller holds the mutex.
  [[nodiscard]] result<void> check_readable(std::string_view key) const;
  /// The record of a state, or of key_kind::last_event.
  [[nodiscard]] std::optional<std::string> record_of(std::string_view key) const;
  [[nodiscard]] std::uint64_t last_sequence_of(std::string_view user_id) const;
  [[nodiscard]] result<step> step_of(const state_table& table, std::span<const new_event> events);
  static void apply(const change& wanted);
  void make(step wanted, bool durable);
  void settle();
  [[nodiscard]] std::string event_at(std::uint64_t sequence) const;
  [[nodiscard]] events_answer user_range(std::string_view user_id, std::uint64_t after,
                                         std::size_t limit) const;

  const durability mode_;
  renewed_id id_;
  const std::string chain_start_;
  thread discarding_;  ///< of reset(): what it has taken away

  mutable std::mutex mutex_;  ///< guards all below
  layered_map states_;
  layered_map events_;
  layered_map user_events_;
  log_head head_;
  log_head kept_head_;
  std::uint64_t commits_ = 0;
  std::vector<change> undo_;  ///< mode `process`: leads back to the last sync, last change first
  log_head durable_head_;
  std::optional<step> in_doubt_;
  std::set<std::string, std::less<>> damaged_;
};

}  // namespace factord::storage
