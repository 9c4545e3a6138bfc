#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "storage/audit/verify.hpp"
#include "storage/engine/log_source.hpp"
#include "storage/engine/wait_for.hpp"
#include "storage/model/retries.hpp"

namespace factord::storage {

/// How many states of each kind there are, meta aside.
struct state_counts {
  std::uint64_t users = 0;
  std::uint64_t factors = 0;
  std::uint64_t usernames = 0;
  std::uint64_t tokens = 0;
  std::uint64_t token_ids = 0;
  std::uint64_t retries = 0;
  std::uint64_t retry_places = 0;

  /// The count of the kind that the first byte of a key names; null for meta and unknown kinds.
  [[nodiscard]] std::uint64_t* of(std::string_view key);
};

/// What verify_log has seen of events that have the key of a retry.
struct retry_totals {
  retry_places queue;
  std::uint64_t begin = 0;  ///< sequence of the first
};

/// What the passes of verify share.
struct findings {
  explicit findings(const verify_progress& shown) : progress(shown) {}

  /// Keeps the first 100: after that nobody reads on.
  void problem(std::string text);
  void show(std::string_view step, std::uint64_t done, std::uint64_t total) const;

  const verify_progress& progress;
  verify_report report;
  state_counts expected;  ///< what replay gives
  retry_totals retries;
};

/// The bytes of a key as people can read and search them.
[[nodiscard]] std::string printable(std::string_view key);

/// Walks the log: sequences without a gap, the hash chain, records that parse, created_at that
/// never goes back. Sets the report's head and its counts of events.
[[nodiscard]] result<void> verify_log(const log_source& store, findings& found);

/// Walks the index of users, replays the history of each and compares its states.
[[nodiscard]] result<void> verify_users(const log_source& store, findings& found);

/// Walks the log once more, as far as events have keys of retries, and compares what is kept of
/// them. With memory for a page, whatever their number.
[[nodiscard]] result<void> verify_retries(const log_source& store, findings& found);

/// Walks the states and compares how many of each kind there are with what replay gave, so that
/// none can be there that no event made.
[[nodiscard]] result<void> verify_counts(const log_source& store, findings& found);

}  // namespace factord::storage
