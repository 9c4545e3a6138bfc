#pragma once

#include <cstdint>
#include <functional>

#include "storage/base/error.hpp"
#include "storage/engine/engine.hpp"

namespace factord::storage {

/// Called now and then with how many events are replayed, and of how many.
using replay_progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

/// What a replay is to make of the tokens that are alive where it ends.
enum class live_tokens {
  end,   ///< each is ended by an event: what was revoked later elsewhere stays so
  keep,  ///< those that the rest of the log revokes are ended, the others stay
};

struct replay_plan {
  std::uint64_t last = 0;   ///< the last event to replay
  std::uint64_t known = 0;  ///< the last event of the log that may be read
  live_tokens tokens = live_tokens::end;
};

struct replay_report {
  log_head head;                   ///< of the new log
  std::uint64_t replayed = 0;      ///< events taken over
  std::uint64_t tokens_ended = 0;  ///< by an event each, behind those
};

/// Makes the events 1 to `plan.last` of one store the log of another, which is empty: the same
/// records, created_at too, under the same sequences, chained anew from the other store's id.
/// States come from `evolve`, as ever. Checks what it reads: errc::corruption names the first event
/// that is missing, does not fit the hash chain or is none. Needs memory for a page of events.
///
/// In mode `process` nothing is synced: that is the caller's to do. Calls writers of `into`.
[[nodiscard]] result<replay_report> replay(const log_source& from, const replay_plan& plan,
                                           engine& into, const replay_progress& progress);

}  // namespace factord::storage
