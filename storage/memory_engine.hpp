#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "storage/engine.hpp"

namespace factord::storage {

/// An engine in ordered maps of the same key and record bytes, with a durable and a volatile part
/// and faults to order. For tests, sanitizers and the simulation; same contract as RocksDB's.
class memory_engine final : public engine {
 public:
  explicit memory_engine(std::string store_id, durability mode = durability::disk);

  /// Makes the k-th commit from now fail (1 is the next). What it wrote is lost or kept: `kept`.
  void fail_commit(std::uint64_t k, bool kept = false);
  /// Every later commit takes this long (a real sleep on the commit thread).
  void delay_commits(std::chrono::microseconds delay);
  /// A power cut: back to what was durable, and healthy again.
  void lose_volatile();

  const std::string& store_id() const noexcept override;
  durability mode() const noexcept override;
  result<log_head> load(state_table& table) override;
  result<void> commit(const state_table& table, std::span<const new_event> events) override;
  result<void> sync() override;
  void read_states(std::span<const std::string> keys, callback<states_answer> done) const override;
  void read_events(std::uint64_t after, std::size_t limit, callback<events_answer> done) const override;
  void read_user_events(std::string_view user_id, std::uint64_t after, std::size_t limit,
                        callback<events_answer> done) const override;
  void read_last_user_event(std::string_view user_id, callback<events_answer> done) const override;
  void scan_states(std::string_view prefix, std::string_view after, std::size_t limit,
                   callback<std::vector<key_value>> done) const override;
  void scan_user_events(std::string_view after, std::size_t limit,
                        callback<std::vector<std::string>> done) const override;

 private:
  struct contents {
    std::map<std::string, std::string, std::less<>> states;
    std::map<std::string, std::string, std::less<>> events;
    std::set<std::string, std::less<>> user_events;
    log_head head;
  };

  const std::string store_id_;
  const durability mode_;

  mutable std::mutex mutex_;  ///< guards all below
  contents visible_;
  contents durable_;  ///< mode `process` only: as of the last sync
  std::uint64_t fail_in_ = 0;
  bool fail_keeps_ = false;
  bool failed_ = false;
  std::chrono::microseconds delay_{};
};

}  // namespace factord::storage
