#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>

#include "server/base/meter.hpp"
#include "server/base/repeated_line.hpp"
#include "server/service/answer.hpp"
#include "server/service/call_protocol.hpp"
#include "server/service/credentials/auth_failure.hpp"
#include "server/service/operation.hpp"
#include "server/service/read_failures.hpp"
#include "storage/base/check.hpp"
#include "storage/base/enum_table.hpp"
#include "storage/commit/batch_report.hpp"
#include "storage/model/event.hpp"

namespace factord::service {

/// Why something was refused that may succeed later, or elsewhere.
enum class refusal_reason : std::uint8_t {
  queue_full,      ///< a write: too many wait
  connections,     ///< a connection: there are too many
  buffers,         ///< a connection was closed, the fullest: all buffers are over their limit
  draining,        ///< a write, or a stream of events: the server shuts down
  storage_failed,  ///< a write: the store has failed
  deadline,        ///< a call: its client's deadline had passed
  signatures,      ///< a call: those of others' tokens have taken their share of time
  no_keys,         ///< a call: those of its token's issuer are not known
  count_,
};

/// What one shard has counted, or the commit thread of what it ends. That thread writes, any reads.
struct alignas(cache_line) tally {
  template <class Enum>
  using per = std::array<counter, count_of<Enum>>;

  std::array<std::array<per<call_protocol>, count_of<status_code>>, operation_count> answers{};
  std::array<duration_histogram, operation_count> durations{};
  per<refusal_reason> refusals{};
  per<auth_failure> auth_failures{};
  counter stream_lag;  ///< events that the stream furthest behind has still to be given

  void answered(operation op, status_code code, call_protocol over) noexcept {
    answers[static_cast<std::size_t>(op)][static_cast<std::size_t>(code)]
           [static_cast<std::size_t>(over)]
               .add();
  }
  /// From when it was read until it was answered.
  void took(operation op, std::chrono::nanoseconds time) noexcept {
    durations[static_cast<std::size_t>(op)].record(static_cast<std::uint64_t>(time.count()));
  }
  void refused(refusal_reason why) noexcept { refusals[static_cast<std::size_t>(why)].add(); }
  void not_let_in(auth_failure why) noexcept { auth_failures[static_cast<std::size_t>(why)].add(); }
};

/// What the commit thread has counted of its batches.
struct alignas(cache_line) commit_tally {
  duration_histogram queue;
  duration_histogram load;
  duration_histogram decide;
  duration_histogram write;
  duration_histogram sync;
  size_histogram commands;
  counter last_sequence;
  std::array<counter, storage::event_type_count + 1> events{};

  void measured(const storage::batch_report& took) noexcept;
  void synced(std::chrono::nanoseconds took) noexcept;
};

/// What the process has answered, committed and failed to read since it started: the one place, for
/// the statistics and for the metrics. Each shard and the commit thread write their own part; any
/// thread reads.
class counters {
 public:
  explicit counters(std::size_t shards = 1)
      : shards_(shards), tallies_(std::make_unique<tally[]>(shards + 1)) {}

  [[nodiscard]] tally& of_shard(std::uint32_t index) noexcept {
    FACTORD_CHECK(index < shards_);
    return tallies_[index];
  }
  /// Of the calls that it ends.
  [[nodiscard]] tally& of_commit_thread() noexcept { return tallies_[shards_]; }
  [[nodiscard]] commit_tally& commits() noexcept { return commits_; }
  [[nodiscard]] const commit_tally& commits() const noexcept { return commits_; }

  /// On the commit thread.
  void committed(std::span<const storage::event_type> types) noexcept {
    for (const storage::event_type type : types)
      commits_.events[static_cast<std::size_t>(type)].add();
  }

  /// When the log is to say that tokens are not judged, by hindrance.
  [[nodiscard]] auto& hindered() noexcept { return hindered_; }
  [[nodiscard]] read_failures& failed_reads() noexcept { return failed_reads_; }
  [[nodiscard]] const read_failures& failed_reads() const noexcept { return failed_reads_; }

  /// Of all of them together.
  [[nodiscard]] std::span<const tally> tallies() const noexcept {
    return {tallies_.get(), shards_ + 1};
  }
  [[nodiscard]] std::uint64_t answers(operation op, status_code code) const noexcept;
  [[nodiscard]] std::uint64_t events(storage::event_type type) const noexcept {
    return commits_.events[static_cast<std::size_t>(type)].get();
  }

 private:
  const std::size_t shards_;
  const std::unique_ptr<tally[]> tallies_;
  commit_tally commits_;
  read_failures failed_reads_;
  std::array<repeated_line, count_of<hindrance>> hindered_;
};

}  // namespace factord::service
