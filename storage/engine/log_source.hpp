#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/error.hpp"
#include "storage/model/format.hpp"
#include "storage/model/log_head.hpp"

namespace factord::storage {

/// Records of the keys asked for, in their order, and a head that they are at least as new as.
struct states_answer {
  std::vector<std::optional<std::string>> records;
  log_head head;
};

struct events_answer {
  std::vector<stored_event> events;
  log_head head;  ///< at least as new as the last of `events`
};

struct key_value {
  std::string key;
  std::string value;
};

/// A store to be read: its states and its log. For whatever does not write (verify, a replay's
/// source, queries), whatever the store is.
///
/// Readers may be called by any thread, at any time, a callback's too. What they are given is valid
/// for that call only: who answers later has a copy. They complete through a callback, which is
/// called exactly once, before the reader returns or later on another thread. Two kinds:
/// - look-ups of single keys (read_states, read_last_user_event) take microseconds and what the
///   disk takes for a block; they may answer before they return;
/// - walks over ranges (read_events, read_user_events, the scans) may sort a memtable or read
///   hundreds of blocks: of an engine that serves requests, they answer on a thread of its own
///   (storage/engine/reader_thread.hpp), one after the other, and who asks goes on at once.
class log_source {
 public:
  template <class T>
  using callback = std::function<void(result<T>)>;

  log_source() = default;
  log_source(const log_source&) = delete;
  log_source& operator=(const log_source&) = delete;
  /// As stop().
  virtual ~log_source() = default;

  /// Random, made when the store was created; a restore to an earlier sequence makes a new one, and
  /// so does a reset. The text is there as long as this is. Any thread.
  [[nodiscard]] virtual const std::string& store_id() const noexcept = 0;
  /// Whose hash the first event is chained to: the id that the store was created with. A reset
  /// gives it another id, and its log stays as it is. Any thread.
  [[nodiscard]] virtual const std::string& chain_start() const noexcept { return store_id(); }
  /// Of the states; an earlier one only where the store is open for reading only.
  [[nodiscard]] virtual store_format format() const noexcept { return store_format::current; }

  /// Records of state keys, and of key_kind::last_event: no newer than the states are.
  virtual void read_states(std::span<const std::string> keys,
                           callback<states_answer> done) const = 0;
  /// At most `limit` events with a sequence above `after`, in order.
  virtual void read_events(std::uint64_t after, std::size_t limit,
                           callback<events_answer> done) const = 0;
  /// The same, of one user.
  virtual void read_user_events(std::string_view user_id, std::uint64_t after, std::size_t limit,
                                callback<events_answer> done) const = 0;
  /// The newest event of one user; `events` is empty where there is none.
  virtual void read_last_user_event(std::string_view user_id,
                                    callback<events_answer> done) const = 0;
  /// At most `limit` states with prefix `prefix` and a key above `after`, in key order.
  virtual void scan_states(std::string_view prefix, std::string_view after, std::size_t limit,
                           callback<std::vector<key_value>> done) const = 0;
  /// At most `limit` keys of the user_events family above `after`, in key order.
  virtual void scan_user_events(std::string_view after, std::size_t limit,
                                callback<std::vector<std::string>> done) const = 0;

  /// Ends all callbacks, for whoever is about to end what they refer to: when this returns, every
  /// reader that was called has called back, and whoever asked to be told of something is told no
  /// more. No reader is called afterwards (checked). Called again it does nothing; not from a
  /// callback.
  virtual void stop() = 0;
};

}  // namespace factord::storage
