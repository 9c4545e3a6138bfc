#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "storage/commit/batch_report.hpp"
#include "storage/commit/commit_queue.hpp"
#include "storage/model/event_value.hpp"
#include "storage/model/retries.hpp"

namespace factord::storage {

/// What the commit queue works on at one time: commands, their states and their events, in memory
/// that is kept from batch to batch. Used by the commit thread only.
class commit_queue::batch final : public event_sink {
 public:
  /// What it is given outlives it.
  batch(engine& store, const commit_hooks& hooks, const retry_rules& retries, std::uint32_t shards)
      : store_(store), hooks_(hooks), retries_(retries), done_(shards) {}

  /// Takes one more command in. Its shard must be one of ours.
  void add(command& one);

  /// This one is going to be of the batch after it, and waits at least until this one is committed.
  void expect(const command& next) { following_.push_back(&next); }

  /// Loads, decides and commits, again where the store did not take it; `wall` is the time where
  /// the store tells none. Every command is finished by then, with its outcome. Fails where the
  /// store has failed; a command that could not be loaded, and a batch that was not taken, is told
  /// of through the hooks.
  [[nodiscard]] result<commit_status> execute(timestamp wall);

  /// Whether the store takes a batch now; nothing is written. Fails where the store has failed.
  [[nodiscard]] result<bool> probe();

  /// Finishes every command with this outcome.
  void finish(commit_outcome outcome) noexcept;

  /// The types of the events that execute() committed.
  [[nodiscard]] std::span<const event_type> types() const noexcept { return types_; }

  /// Of the last execute().
  [[nodiscard]] const batch_report& report() const noexcept { return report_; }

  /// Of the newest head that was seen.
  [[nodiscard]] std::uint64_t token_epoch() const noexcept { return head_.token_epoch; }

  /// Hands the commands to the hook, shard by shard, and forgets them.
  void complete();

  [[nodiscard]] event_record& blank() override;
  std::uint64_t append() override;

 private:
  struct appended {
    std::uint64_t sequence;
    std::size_t begin;  ///< in bytes_: the value, then the user id
    std::size_t value_size;
    std::size_t user_size;
    bool affects_tokens;
    bool within_org;
  };

  result<commit_status> attempt(timestamp wall);
  enum class look { with_old_retries, plain };
  result<void> load(std::span<command* const> wanted, look how);
  result<void> load_readable();
  void decide(timestamp wall);
  void expect_following();
  result<commit_status> commit();
  result<commit_status> confirm();

  engine& store_;
  const commit_hooks& hooks_;
  const retry_rules& retries_;

  std::vector<command*> commands_;
  std::vector<command*> undecided_;  ///< those of commands_ that have no outcome yet
  std::vector<const command*> following_;
  state_table expected_;  ///< what these want
  batch_report report_;
  std::optional<error> refusal_;             ///< why the last attempt was not taken
  std::vector<std::vector<command*>> done_;  ///< by shard

  state_table table_;
  retry_places retries_seen_;  ///< as the last batch with keys of them left the queue
  log_head head_;              ///< as of the last event appended
  sha256 hash_;
  event_record record_;
  bool record_given_ = false;
  std::string key_;  ///< of what follows from an event

  std::string bytes_;  ///< of all events; places in it, because it moves as it grows
  std::vector<appended> appended_;
  std::vector<event_type> types_;
  std::vector<new_event> events_;
};

}  // namespace factord::storage
