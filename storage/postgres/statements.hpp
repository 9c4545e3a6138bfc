#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace factord::storage {

/// All that is said to the database once a session has begun, and what is asked when it begins.
/// Texts are ours, whole, and never made from data: that comes in parameters.
enum class sql : std::uint8_t {
  // Of any session.
  begin,
  commit,
  rollback,
  // Of the writer's (session_machine.hpp).
  read_head,    ///< → sequence, hash, created_at, epoch, token_epoch, the time, as read_standbys
  lock_head,    ///< the same, for whoever commits next; waits for others who hold it
  read_states,  ///< keys → key, value of those that there are
  read_states_and_last_events,  ///< keys, user ids → the same, and of key_kind::last_event
  read_event_hash,              ///< sequence → the chain's hash there
  move_head,      ///< from (sequence, hash, epoch), to (sequence, hash, created_at, token_epoch),
                  ///< how much to raise the epoch by; a moved head gives 23502
  delete_states,  ///< keys
  put_states,     ///< keys, values
  append_events,  ///< sequences, user ids, values, the last sequence, its attempt
  raise_epoch,    ///< waits for others who hold the head, and voids what they have not written
  read_attempt,   ///< sequence → the attempt that wrote it, as the last of its batch
  read_standbys,  ///< → the setting that says which of them a commit waits for
  // Of both, when nothing is open (touch.hpp).
  touch,         ///< is a commit, and changes nothing
  cancel_touch,  ///< the process that is still about one: it need not wait any longer
  // Of readers (read_pool.hpp), after begin_snapshot and read_head.
  begin_snapshot,
  events_after,       ///< sequence, limit → sequence, value
  user_events_after,  ///< user id, sequence, limit → sequence, value
  last_user_event,    ///< user id → sequence, value
  states_from,        ///< from, above, limit → key, value
  states_between,     ///< from, above, below, limit → key, value
  user_keys_after,    ///< user id, sequence, limit → user id, sequence
  // When a connection begins (connector.hpp).
  set_up,       ///< name, value, … of the session's settings
  look_around,  ///< → what server_check.hpp judges
  read_meta,    ///< → name, value
  // When a store is made (store.hpp).
  fill_meta,   ///< name and value, three times
  fill_head,   ///< the hash of the empty log
  set_format,  ///< value
  drop_store,
};
inline constexpr std::size_t sql_count = static_cast<std::size_t>(sql::drop_store) + 1;

/// A type of the database, by its number there.
using type_number = std::uint32_t;
inline constexpr type_number type_of_bytes = 17;
inline constexpr type_number type_of_number = 20;
inline constexpr type_number type_of_text = 25;

struct sql_statement {
  sql which;
  const char* name;  ///< to be prepared under
  const char* text;
  std::span<const type_number> parameters;
};

[[nodiscard]] const sql_statement& statement_of(sql which);

/// What each kind of session prepares.
[[nodiscard]] std::span<const sql> statements_of_writers() noexcept;
[[nodiscard]] std::span<const sql> statements_of_readers() noexcept;

/// The tables of a new store (schema `factord`), one statement after the other.
[[nodiscard]] std::span<const char* const> statements_of_schema() noexcept;

}  // namespace factord::storage
