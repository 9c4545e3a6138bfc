#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "storage/commit/commit_queue.hpp"
#include "storage/model/event_value.hpp"

namespace factord::storage {

/// What the commit queue works on at one time: commands, their states and their events, in memory
/// that is kept from batch to batch. Used by the commit thread only.
class commit_queue::batch final : public event_sink {
 public:
  explicit batch(std::uint32_t shards) : done_(shards) {}

  /// Takes one more command in. Its shard must be one of ours.
  void add(command& work);

  /// Loads, decides and commits. Every command is finished by then, with its outcome. Fails where
  /// the store has failed; a command that could not be loaded is told of through the hooks.
  [[nodiscard]] result<void> execute(engine& store, timestamp wall, const commit_hooks& hooks);

  /// Finishes every command with this outcome.
  void finish(commit_outcome outcome) noexcept;

  /// The types of the events that execute() committed.
  [[nodiscard]] std::span<const event_type> types() const noexcept { return types_; }

  /// Hands the commands to the hook, shard by shard, and forgets them.
  void complete(const commit_hooks& hooks);

  [[nodiscard]] event_record& blank() override;
  std::uint64_t append() override;

 private:
  struct appended {
    std::uint64_t sequence;
    std::size_t begin;  ///< in bytes_: the value, then the user id
    std::size_t value_size;
    std::size_t user_size;
  };

  using commands = std::span<command* const>;

  result<void> load(engine& store, commands wanted);
  result<void> load_readable(engine& store, const commit_hooks& hooks);
  void decide(commands loaded, timestamp wall);
  result<void> commit(engine& store);

  std::vector<command*> commands_;
  std::vector<command*> readable_;           ///< of commands_, once not all could be loaded
  std::vector<std::vector<command*>> done_;  ///< by shard

  state_table table_;
  log_head head_;  ///< as of the last event appended
  sha256 hash_;
  event_record record_;
  bool record_given_ = false;

  std::string bytes_;  ///< of all events; places in it, because it moves as it grows
  std::vector<appended> appended_;
  std::vector<event_type> types_;
  std::vector<new_event> events_;
};

}  // namespace factord::storage
