#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "storage/base/clock.hpp"
#include "storage/model/log_head.hpp"
#include "storage/model/records.pb.h"
#include "storage/model/state_table.hpp"

namespace factord::storage {

/// Where a decision puts its events. Each is numbered, chained and evolved into the states at once,
/// so the rest of the batch sees it.
class event_sink {
 public:
  /// A cleared event to fill in, with memory that is kept. One at a time.
  [[nodiscard]] virtual event_record& blank() = 0;

  /// Appends the event that blank() gave out, stamping created_at; returns its sequence.
  virtual std::uint64_t append() = 0;

 protected:
  ~event_sink() = default;
};

/// What the decisions of one batch go by, beside the states. The two times are one but while the
/// wall clock is behind the log, having been set back.
struct decision_times {
  timestamp wall;                 ///< what expires is set and judged by this: the store's clock,
                                  ///< where it has one (log_head::read_at), else the process's
  timestamp created_at;           ///< of the batch's events: never earlier than the last event's
  std::uint64_t token_epoch = 0;  ///< of the head that the states are of (log_head)
};

/// How a command ended.
enum class commit_outcome {
  committed,       ///< decided, and durable if it made events
  unavailable,     ///< the store did not take it, several times over: nothing was done
  storage_failed,  ///< the batch could not be written: whether it will be found is unknown
  unknown,         ///< the store did not say whether it took the batch; it goes on
  load_failed,     ///< what it decides on could not be read: nothing was decided, nothing was done
};

/// One unit of work for the commit queue. Its owner keeps it alive, and does not touch it, from
/// submit() until it was handed to the completion hook. The answer is kept in the command.
class command {
 public:
  /// `shard` names whose completion post it belongs to.
  explicit command(std::uint32_t shard = 0) noexcept : shard_(shard) {}
  virtual ~command() = default;
  command(const command&) = delete;
  command& operator=(const command&) = delete;

  /// Names every key that decide() reads and its events touch.
  virtual void list_keys(state_table& table) const = 0;

  /// Names those that only the states of these keys tell, or the head that they are of: called when
  /// they are loaded.
  virtual void list_more_keys(state_table&, const log_head&) const {}

  /// Decides on these states at these times: keeps an answer and appends 0..n events. Reads no
  /// clock, draws no random number, does no I/O. On the commit thread, and possibly several times:
  /// where somebody else committed in between, all of the batch is loaded and decided again. Only
  /// the last time counts, so it begins by forgetting what an earlier one left in the command, and
  /// with the same states gives the same answer and events.
  virtual void decide(const state_table& states, const decision_times& at, event_sink& events) = 0;

  /// Called once, after the last decide(), or instead of it where loading failed. What decide() has
  /// left is worth something for commit_outcome::committed only.
  virtual void finish(commit_outcome outcome) noexcept = 0;

  /// Bytes that it holds, for the bound of the queue.
  [[nodiscard]] virtual std::size_t size_bytes() const noexcept = 0;

  [[nodiscard]] std::uint32_t shard() const noexcept { return shard_; }

  /// For statistics alone, by one clock; its epoch where nobody has said. When it was asked for,
  /// when its batch was taken up, and when that had ended: these two by the queue.
  std::chrono::steady_clock::time_point asked_at{};
  std::chrono::steady_clock::time_point taken_at{};
  std::chrono::steady_clock::time_point ended_at{};

 private:
  std::uint32_t shard_;
};

}  // namespace factord::storage
