#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "storage/base/clock.hpp"
#include "storage/base/error.hpp"
#include "storage/commit/backoff.hpp"
#include "storage/commit/command.hpp"
#include "storage/commit/commit_hooks.hpp"
#include "storage/commit/commit_limits.hpp"
#include "storage/commit/submission.hpp"
#include "storage/commit/waiting_line.hpp"
#include "storage/engine/engine.hpp"

namespace factord::storage {

/// All writes of the process. What arrived while the last batch was made durable is the next batch:
/// loaded at once, decided in order, committed as one, and again where the store does not take it.
/// In a batch single commands come first, and bulks delay these by about as much as each other.
/// A command whose keys cannot be read ends alone; a batch that cannot be written is a failure of
/// the store, and the last one tried.
/// run() is the commit thread; tests and the simulation call run_batch() instead, from one thread.
class commit_queue {
 public:
  commit_queue(engine& store, commit_limits limits, commit_hooks hooks, std::uint32_t shards,
               retry_rules retries = {});
  ~commit_queue();
  commit_queue(const commit_queue&) = delete;
  commit_queue& operator=(const commit_queue&) = delete;

  /// Any thread, as close().
  [[nodiscard]] submit_status submit(command& one, lane on = lane::single);

  /// Runs batches until close() was called and all that was accepted is completed. In mode
  /// `process` it also syncs the store, every 100 ms while there is something to sync, and one that
  /// is unavailable it asks now and then whether it is back.
  void run();

  /// Has the commit thread do this before its next batch, whatever failed; false: close() was
  /// first.
  [[nodiscard]] bool between_batches(std::function<void()> job);

  /// One batch of what is waiting, decided at this time of the wall clock (its events are never
  /// older than the log's last); false: nothing was. After a failure: completed as storage_failed.
  bool run_batch(timestamp wall);

  /// No more commands are accepted; run() returns once it has finished those it has.
  void close();

  /// How many commands wait to be taken into a batch. Any thread.
  [[nodiscard]] std::size_t waiting() const;

  /// What the commit thread, in run(), has come to. Any thread.
  [[nodiscard]] queue_progress progress() const;

  /// True after the first failure of the store. Any thread.
  [[nodiscard]] bool failed() const noexcept;

 private:
  class batch;
  using steady = std::chrono::steady_clock;
  void report_failure(const error& failure);
  void heed_others();
  bool take_batch();
  void take_from(waiting_line& from, std::size_t most);
  void name_following();
  void fail(const error& failure);
  bool wait_for_work();
  void sync_if_due();
  void note_availability(bool available);
  void probe_if_due();
  [[nodiscard]] std::optional<steady::time_point> next_due() const;

  // Constant after construction.
  engine& store_;
  const commit_limits limits_;
  const commit_hooks hooks_;
  const retry_rules retries_;

  // Guarded by mutex_.
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  waiting_line singles_;
  waiting_line bulk_;
  std::size_t count_ = 0;  ///< of both
  std::size_t waiting_bytes_ = 0;
  bool asleep_ = false;  ///< the commit thread waits for wake_
  bool closed_ = false;
  std::optional<error> reported_failure_;  ///< of the store, until the commit thread heeds it
  std::vector<std::function<void()>> jobs_;

  std::atomic<bool> failed_ = false;
  std::atomic<std::uint64_t> steps_ = 0;  ///< odd while run() is at one

  // Owned by the commit thread.
  std::unique_ptr<batch> batch_;
  std::size_t taken_ = 0;  ///< commands of the batch that is taken
  std::size_t taken_bytes_ = 0;
  bool shared_ = false;                          ///< a batch of late had single ones in it
  std::uint64_t token_epoch_ = 0;                ///< as it was told
  std::optional<steady::time_point> sync_due_;   ///< set while there is something to sync
  std::optional<steady::time_point> probe_due_;  ///< set while the store is unavailable
};

}  // namespace factord::storage
