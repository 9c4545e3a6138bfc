#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "storage/base/clock.hpp"
#include "storage/base/error.hpp"
#include "storage/engine/backup_source.hpp"
#include "storage/engine/durability.hpp"
#include "storage/engine/log_source.hpp"
#include "storage/engine/store_sizes.hpp"
#include "storage/model/log_head.hpp"
#include "storage/model/state_table.hpp"

namespace factord::storage {

/// How a commit ended that did not fail.
enum class commit_status {
  committed,
  conflict,     ///< somebody else has committed since the load: nothing was done
  unavailable,  ///< the store cannot take it now, and may later: nothing was done
  unknown,      ///< the store did not say whether it was done, and cannot be asked; it may later
};

/// Where states and events live, to be written: RocksDB, memory, a database that several processes
/// share; so callers assume neither to be the only writer, nor to know the head before `load`.
///
/// Writers (load, commit, abandon, sync, compact) are called by one thread, the commit thread. What
/// they are given is valid for the call only.
///
/// What is written is written in transactions: `load` opens one, and then either `commit` or
/// `abandon` ends it. There may be a lock behind it that others wait for, so it is never left open
/// over idle time.
class engine : public log_source, public backup_source {
 public:
  [[nodiscard]] virtual durability mode() const noexcept = 0;

  /// What kind of store it is, for people.
  [[nodiscard]] virtual std::string_view kind() const noexcept { return "memory"; }

  /// How large its parts are, if it has any: as somebody looked last, at once. Any thread.
  [[nodiscard]] virtual store_sizes sizes() const { return {}; }

  /// The clock by which codes and tokens end: of all who share the store the same. Unless an engine
  /// says otherwise it is this process's wall clock. Any thread.
  [[nodiscard]] virtual timestamp now() const { return system_now(); }

  /// Whether that is a clock of the store's own, so that nothing ends by ours. Any thread.
  [[nodiscard]] virtual bool has_clock() const noexcept { return false; }

  /// Whether a batch is better half of what waits than all of it: where a commit takes about as
  /// long as its clients need to come back. Not where each is a few round trips.
  [[nodiscard]] virtual bool halves_batches() const noexcept { return true; }

  /// Whether anybody else may commit to the store: then it grows, and whoever waits for that is not
  /// told. Any thread. Unless an engine says otherwise, nobody.
  [[nodiscard]] virtual bool others_write() const noexcept { return false; }

  /// On how many machines what a commit has answered is durable, at least, as the store was found
  /// last. Any thread. Unless an engine says otherwise, on this one.
  [[nodiscard]] virtual unsigned machines() const noexcept { return 1; }

  /// Whom to tell, once, that background work failed first: no call returns that. On any thread, so
  /// also within this call, where it has failed already. An empty function: nobody, and nobody is
  /// being told once this has returned.
  virtual void on_background_failure(std::function<void(const error& failure)> tell) = 0;

  /// Fills every entry of the table (key_kind::last_event too) and tells the head of the log. Opens
  /// a transaction, in place of one that is open; where it fails, none is. A store that takes no
  /// writes says so with errc::storage_failed or errc::bad_argument, one that takes none now, and
  /// may later, with errc::unavailable; any other error is of reading these very entries. It leaves
  /// the store as it was.
  [[nodiscard]] virtual result<log_head> load(state_table& table) = 0;

  /// What the load after this transaction is going to ask for, or much of it: an engine may look
  /// that up before. It stays as it is until that load.
  virtual void expect(const state_table& /*next*/) {}

  /// Makes the table's changes and the events one atomic, durable step (by `mode()`), if nobody
  /// else has committed since the load, and ends the transaction. `events` go on from the head of
  /// that load without a gap (checked). After a failure the outcome is unknown, and every later
  /// write fails with errc::storage_failed; after commit_status::unknown it is as well, and the
  /// store goes on: what it holds then a load tells.
  [[nodiscard]] virtual result<commit_status> commit(const state_table& table,
                                                     std::span<const new_event> events) = 0;

  /// Ends the transaction with nothing done: for every load that no commit follows. Nothing where
  /// none is open.
  virtual void abandon() = 0;

  /// Whether what the last load has found was the newest there was: asked, once it was abandoned,
  /// before anything is answered by it. errc::unavailable where the store cannot tell.
  [[nodiscard]] virtual result<void> confirm() { return {}; }

  /// How long the last commit has waited until what it wrote was durable, in mode `disk`. Nothing:
  /// for as long as it took, which it is unless an engine says otherwise.
  [[nodiscard]] virtual std::optional<std::chrono::nanoseconds> last_sync() const { return {}; }

  /// Makes what was committed in `process` mode durable. Fails like commit.
  [[nodiscard]] virtual result<void> sync() = 0;

  /// Puts what was written in the order in which it is read, for seconds to minutes; otherwise that
  /// happens beside later work, at its cost. For after a bulk load. Fails like commit.
  [[nodiscard]] virtual result<void> compact();

  /// What there is now is what reset() leads back to. Of the commit thread, once, before others.
  virtual void keep() {}
  /// Back to that in one atomic step, as durable as a commit, under a new id and token epoch. Fails
  /// like commit; errc::unavailable while a backup is made, errc::bad_argument where none is kept.
  [[nodiscard]] virtual result<log_head> reset();

  /// Unless an engine says otherwise: its events are not in files of ours.
  [[nodiscard]] result<backup_entry> back_up(const std::filesystem::path& directory,
                                             const backup_progress& progress) const override;
};

}  // namespace factord::storage
