#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/error.hpp"
#include "storage/engine/backup_source.hpp"
#include "storage/model/format.hpp"
#include "storage/model/log_head.hpp"
#include "storage/model/state_table.hpp"

namespace factord::storage {

/// When a commit counts as done. `disk`: written and fsynced. `process`: written to the operating
/// system, fsynced within 100 ms; survives the death of the process, not of the machine.
enum class durability { disk, process };

[[nodiscard]] std::string_view name(durability mode) noexcept;

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

/// Where states and events live. The one abstract class of the storage layer: RocksDB and memory
/// now, an engine on a shared SQL database later, so callers assume neither that this process is
/// the only writer, nor that the head is known before `load`.
///
/// Writers (load, commit, sync, compact) are called by one thread, the commit thread. Readers may
/// be called by any thread, at any time, a callback's too; they complete through a callback, which
/// is called exactly once, before the reader returns or later on another thread. Two kinds:
/// - look-ups of single keys (read_states, read_last_user_event) take microseconds and what the
///   disk takes for a block; they may answer before they return;
/// - walks over ranges (read_events, read_user_events, the scans) may sort a memtable or read
///   hundreds of blocks: of an engine that serves requests, they answer on a thread of its own
///   (storage/engine/reader_thread.hpp), one after the other, and who asks goes on at once.
class engine {
 public:
  template <class T>
  using callback = std::function<void(result<T>)>;

  engine() = default;
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;
  virtual ~engine() = default;

  /// Random, made when the store was created; a restore to an earlier sequence makes a new one.
  [[nodiscard]] virtual const std::string& store_id() const noexcept = 0;
  [[nodiscard]] virtual durability mode() const noexcept = 0;
  /// Of the states; an earlier one only where the store is open for reading only.
  [[nodiscard]] virtual store_format format() const noexcept { return store_format::current; }

  /// Whom to tell, once, that background work failed first: no call returns that. On any thread, so
  /// also within this call, where it has failed already. An empty function: nobody, and nobody is
  /// being told once this has returned.
  virtual void on_background_failure(std::function<void(const error& failure)> tell) = 0;

  /// Fills every entry of the table and tells the head of the log. Opens the transaction that the
  /// next `commit` ends, in place of one that is open. A store that takes no writes says so with
  /// errc::storage_failed or errc::bad_argument; any other error is of reading these very entries,
  /// and leaves the store as it was.
  [[nodiscard]] virtual result<log_head> load(state_table& table) = 0;

  /// Makes the table's changes and the events one atomic, durable step (by `mode()`). `events` go
  /// on from the head of the last load without a gap (checked). After a failure the outcome is
  /// unknown, and every later write fails with errc::storage_failed.
  [[nodiscard]] virtual result<void> commit(const state_table& table,
                                            std::span<const new_event> events) = 0;

  /// Makes what was committed in `process` mode durable. Fails like commit.
  [[nodiscard]] virtual result<void> sync() = 0;

  /// Puts what was written in the order in which it is read, for seconds to minutes; otherwise that
  /// happens beside later work, at its cost. For after a bulk load. Fails like commit.
  [[nodiscard]] virtual result<void> compact();

  /// Records of state keys.
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

  /// Returns once every reader that was called before has called back. For whoever is about to end
  /// what callbacks refer to. Not from a callback.
  virtual void finish_reads() const {}

  /// Adds a backup of the store to those in a directory: everything up to the head at this moment
  /// (storage/rocksdb/backup_writer.hpp). Any thread, for seconds to minutes, beside all the rest.
  /// An engine whose events are not in files of ours has none to make: errc::bad_argument.
  [[nodiscard]] virtual result<backup_entry> back_up(const std::filesystem::path& directory,
                                                     const backup_progress& progress) const;
};

}  // namespace factord::storage
