#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "storage/base/clock.hpp"
#include "storage/model/records.pb.h"
#include "storage/model/state_table.hpp"

/// What a repeated request finds of its first: a record under the hash of its key, which is kept
/// from the event that answered it until a time that the event tells. Records stand in a queue in
/// the order of their events, and an event with a key ends those at its front whose time is over,
/// as many as it says itself: so they stay as many as there are of a window, and the log alone
/// tells which there are.
///
/// They are no user's, so `evolve` knows nothing of them. On the thread of the table.
///
/// One key has one event in a batch: it cannot end within its own created_at.
namespace factord::storage {

/// How many an event with a key ends at most: more than it adds, so that the queue gets shorter.
inline constexpr std::uint32_t retries_ended_at_once = 2;

/// Names what decides on a request with this key: its record, and the queue.
void list_retry(std::string_view key_hash, state_table& table);
/// The same of an event: nothing of one without a key.
void list_retry(const event_record& event, state_table& table);
/// Where the queue begins and ends: of the table's record, which must be named; 0 and 0 without
/// one.
struct retry_places {
  std::uint64_t first = 0;
  std::uint64_t next = 0;
};
[[nodiscard]] retry_places places_of_retries(const state_table& table);
/// How many are kept, by the record of the queue as it is stored (set_retry_queue_key); none where
/// there is none. One whose key was used again counts until its place is reached.
[[nodiscard]] std::uint64_t count_kept_retries(const std::optional<std::string>& queue);

/// Names as much of the front of this queue as the events of all keys in the table may end.
void list_oldest_retries(const retry_places& queue, state_table& table);
/// The same of the table's own queue, once that is loaded; nothing where the table has no keys.
void list_oldest_retries(state_table& table);

/// How many of the queue an event takes from its front: what it says, as far as there are so many
/// and one event may.
[[nodiscard]] std::uint64_t retries_taken(const event_record& event, const retry_places& from);

/// The record under this key, if there is one whose time is not over.
[[nodiscard]] std::optional<retry_record> find_retry(const state_table& table,
                                                     std::string_view key_hash, timestamp now);
/// How many an event may end now, of what list_oldest_retries() named: nothing that is not named,
/// so who had an old queue in mind ends fewer.
[[nodiscard]] std::uint32_t count_ended_retries(const state_table& table, timestamp now);

/// Applies an event: of one without a key nothing. Total, as `evolve` is; the places that it takes
/// must be named, or their records stay.
void evolve_retries(const event_record& event, std::uint64_t sequence, state_table& table);

}  // namespace factord::storage
