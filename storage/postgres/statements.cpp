#include "storage/postgres/statements.hpp"

#include <array>

#include "storage/base/canary.hpp"
#include "storage/base/check.hpp"

namespace factord::storage {

namespace {

constexpr type_number a_bytea = type_of_bytes;
constexpr type_number a_bigint = type_of_number;
constexpr type_number a_text = type_of_text;
constexpr type_number many_bytes = 1001;
constexpr type_number many_numbers = 1016;

constexpr std::array of_keys{many_bytes};
constexpr std::array of_keys_and_values{many_bytes, many_bytes};
constexpr std::array of_keys_and_users{many_bytes, many_bytes};
constexpr std::array of_a_sequence{a_bigint};
constexpr std::array of_a_move{a_bigint, a_bytea,  a_bigint, a_bigint,
                               a_bytea,  a_bigint, a_bigint, a_bigint};
constexpr std::array of_events{many_numbers, many_bytes, many_bytes, a_bigint, a_bytea};
constexpr std::array of_a_process{a_bigint};
constexpr std::array of_a_page{a_bigint, a_bigint};
constexpr std::array of_a_user{a_bytea};
constexpr std::array of_a_user_page{a_bytea, a_bigint, a_bigint};
constexpr std::array of_states_from{a_bytea, a_bytea, a_bigint};
constexpr std::array of_states_between{a_bytea, a_bytea, a_bytea, a_bigint};
constexpr std::array of_meta{a_text, a_bytea, a_text, a_bytea, a_text, a_bytea};
constexpr std::array of_a_value{a_bytea};
constexpr std::array of_settings{a_text, a_text, a_text, a_text, a_text, a_text};

// The time last: of lock_head it has to be what it is once the lock is held, so it is asked for
// outside of what waits.
#define FACTORD_HEAD_COLUMNS "sequence, hash, created_at, epoch, token_epoch"
#define FACTORD_MICROS "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
#define FACTORD_STANDBYS "current_setting('synchronous_standby_names')"
// Which of these settings is off; empty where none is.
#define FACTORD_UNSAFE                                                 \
  "concat_ws(', ', CASE current_setting('fsync') WHEN 'on' THEN NULL " \
  "ELSE 'fsync' END, CASE current_setting('full_page_writes') "        \
  "WHEN 'on' THEN NULL ELSE 'full_page_writes' END)"

// A message into the log of changes that nobody reads: a commit that standbys have to confirm, with
// no row, and so no lock, that several would wait for, and nothing to be cleaned up after it.
#define FACTORD_MESSAGE "pg_logical_emit_message"

// A head that has moved makes its sequence null, which its column refuses.
#define FACTORD_MOVE_HEAD(moved)              \
  "UPDATE factord.head SET sequence = " moved \
  ", hash = $5, created_at = $6, "            \
  "token_epoch = $7, epoch = epoch + $8 WHERE id = 1"

constexpr std::array statements{
    sql_statement{sql::begin, "begin", "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", {}},
    sql_statement{sql::commit, "commit", "COMMIT", {}},
    sql_statement{sql::rollback, "rollback", "ROLLBACK", {}},
    sql_statement{sql::read_head,
                  "read_head",
                  "SELECT " FACTORD_HEAD_COLUMNS ", " FACTORD_MICROS ", " FACTORD_STANDBYS
                  ", " FACTORD_UNSAFE " FROM factord.head WHERE id = 1",
                  {}},
    sql_statement{sql::lock_head,
                  "lock_head",
                  "SELECT " FACTORD_HEAD_COLUMNS ", " FACTORD_MICROS ", " FACTORD_STANDBYS
                  ", " FACTORD_UNSAFE " FROM (SELECT " FACTORD_HEAD_COLUMNS
                  " FROM factord.head WHERE id = 1 FOR UPDATE) AS locked",
                  {}},
    sql_statement{sql::read_states, "read_states",
                  "SELECT key, value FROM factord.state WHERE key = ANY ($1)", of_keys},
    sql_statement{sql::read_states_and_last_events, "read_states_and_last_events",
                  "SELECT key, value FROM factord.state WHERE key = ANY ($1) UNION ALL "
                  "SELECT 'l'::bytea || of_user.id, int8send(last.sequence) "
                  "FROM unnest($2) AS of_user (id) CROSS JOIN LATERAL (SELECT sequence "
                  "FROM factord.events WHERE user_id = of_user.id "
                  "ORDER BY sequence DESC LIMIT 1) AS last",
                  of_keys_and_users},
    sql_statement{sql::read_event_hash, "read_event_hash",
                  "SELECT substring(value FROM 1 FOR 32) FROM factord.events WHERE sequence = $1",
                  of_a_sequence},
    sql_statement{sql::move_head, "move_head",
                  FACTORD_MOVE_HEAD("CASE WHEN sequence = $1 AND hash = $2 AND epoch = $3 "
                                    "THEN $4 END"),
                  of_a_move},
    sql_statement{sql::delete_states, "delete_states",
                  "DELETE FROM factord.state WHERE key = ANY ($1)", of_keys},
    sql_statement{sql::put_states, "put_states",
                  "INSERT INTO factord.state (key, value) SELECT * FROM unnest($1, $2) "
                  "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                  of_keys_and_values},
    sql_statement{sql::append_events, "append_events",
                  "INSERT INTO factord.events (sequence, user_id, value, attempt) "
                  "SELECT s, u, v, CASE WHEN s = $4 THEN $5 END "
                  "FROM unnest($1, $2, $3) AS new (s, u, v)",
                  of_events},
    sql_statement{sql::raise_epoch,
                  "raise_epoch",
                  "UPDATE factord.head SET epoch = epoch + 1 WHERE id = 1",
                  {}},
    sql_statement{sql::read_attempt, "read_attempt",
                  "SELECT attempt FROM factord.events WHERE sequence = $1", of_a_sequence},
    sql_statement{sql::read_standbys, "read_standbys", "SELECT " FACTORD_STANDBYS, {}},
    sql_statement{sql::touch, "touch", "SELECT " FACTORD_MESSAGE "(true, 'factord', ''::text)", {}},
    sql_statement{sql::cancel_touch, "cancel_touch",
                  "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE pid = $1 "
                  "AND wait_event = 'SyncRep' AND query LIKE 'SELECT " FACTORD_MESSAGE "(%'",
                  of_a_process},
    sql_statement{sql::begin_snapshot,
                  "begin_snapshot",
                  "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
                  {}},
    sql_statement{sql::events_after, "events_after",
                  "SELECT sequence, value FROM factord.events WHERE sequence > $1 "
                  "ORDER BY sequence LIMIT $2",
                  of_a_page},
    sql_statement{sql::user_events_after, "user_events_after",
                  "SELECT sequence, value FROM factord.events WHERE user_id = $1 "
                  "AND sequence > $2 ORDER BY sequence LIMIT $3",
                  of_a_user_page},
    sql_statement{sql::last_user_event, "last_user_event",
                  "SELECT sequence, value FROM factord.events WHERE user_id = $1 "
                  "ORDER BY sequence DESC LIMIT 1",
                  of_a_user},
    sql_statement{sql::states_from, "states_from",
                  "SELECT key, value FROM factord.state WHERE key >= $1 AND key > $2 "
                  "ORDER BY key LIMIT $3",
                  of_states_from},
    sql_statement{sql::states_between, "states_between",
                  "SELECT key, value FROM factord.state WHERE key >= $1 AND key > $2 "
                  "AND key < $3 ORDER BY key LIMIT $4",
                  of_states_between},
    sql_statement{sql::user_keys_after, "user_keys_after",
                  "SELECT user_id, sequence FROM factord.events "
                  "WHERE (user_id, sequence) > ($1, $2) ORDER BY user_id, sequence LIMIT $3",
                  of_a_user_page},
    sql_statement{sql::set_up, "set_up",
                  "SELECT set_config('search_path', 'pg_catalog', false), "
                  "set_config('default_transaction_isolation', 'read committed', false), "
                  "set_config('synchronous_commit', current_setting('synchronous_commit'), false), "
                  "set_config('statement_timeout', '0', false), "
                  "set_config('row_security', 'off', false), "
                  "set_config('lock_timeout', $1, false), "
                  "set_config('idle_in_transaction_session_timeout', $2, false), "
                  "set_config('tcp_keepalives_idle', $3, false), "
                  "set_config('tcp_keepalives_interval', $4, false), "
                  "set_config('tcp_keepalives_count', $5, false), "
                  "set_config('tcp_user_timeout', $6, false)",
                  of_settings},
    sql_statement{sql::look_around,
                  "look_around",
                  "SELECT current_setting('server_version_num'), current_setting('fsync'), "
                  "current_setting('full_page_writes'), current_setting('synchronous_commit'), "
                  "current_setting('transaction_read_only'), pg_is_in_recovery()::text, "
                  "pg_backend_pid()::text, CASE WHEN pg_is_in_recovery() THEN '' "
                  "ELSE substring(pg_walfile_name(pg_current_wal_lsn()) FROM 1 FOR 8) END, "
                  "(extract(epoch FROM pg_postmaster_start_time()) * "
                  "1000000)::bigint::text, " FACTORD_STANDBYS,
                  {}},
    sql_statement{sql::read_meta, "read_meta", "SELECT name, value FROM factord.meta", {}},
    sql_statement{sql::fill_meta, "fill_meta",
                  "INSERT INTO factord.meta (name, value) VALUES ($1, $2), ($3, $4), ($5, $6)",
                  of_meta},
    sql_statement{sql::fill_head, "fill_head",
                  "INSERT INTO factord.head (id, sequence, hash, created_at, epoch, token_epoch) "
                  "VALUES (1, 0, $1, 0, 0, 0)",
                  of_a_value},
    sql_statement{sql::set_format, "set_format",
                  "UPDATE factord.meta SET value = $1 WHERE name = 'format'", of_a_value},
    sql_statement{sql::drop_store, "drop_store", "DROP SCHEMA factord CASCADE", {}},
};

constexpr sql_statement move_unguarded_head{sql::move_head, "move_head", FACTORD_MOVE_HEAD("$4"),
                                            of_a_move};

constexpr sql_statement begin_many_snapshots{
    sql::begin_snapshot, "begin_snapshot", "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY", {}};

#undef FACTORD_MOVE_HEAD
#undef FACTORD_HEAD_COLUMNS
#undef FACTORD_MICROS
#undef FACTORD_STANDBYS
#undef FACTORD_UNSAFE
#undef FACTORD_MESSAGE

consteval bool in_order() {
  for (std::size_t i = 0; i < statements.size(); ++i) {
    if (statements[i].which != static_cast<sql>(i)) return false;
  }
  return statements.size() == sql_count;
}
static_assert(in_order(), "the table is in the order of the enumeration, and whole");

constexpr std::array of_writers{sql::begin,
                                sql::commit,
                                sql::rollback,
                                sql::read_head,
                                sql::lock_head,
                                sql::read_states,
                                sql::read_states_and_last_events,
                                sql::read_event_hash,
                                sql::move_head,
                                sql::delete_states,
                                sql::put_states,
                                sql::append_events,
                                sql::raise_epoch,
                                sql::read_attempt,
                                sql::read_standbys,
                                sql::touch};
constexpr std::array of_readers{sql::read_event_hash,
                                sql::begin_snapshot,
                                sql::commit,
                                sql::rollback,
                                sql::read_head,
                                sql::read_states,
                                sql::read_states_and_last_events,
                                sql::events_after,
                                sql::user_events_after,
                                sql::last_user_event,
                                sql::states_from,
                                sql::states_between,
                                sql::user_keys_after,
                                sql::touch};

// `head` is one row that every commit writes: room on its page keeps it off the index. The views
// are for people: keys and ids as text, with what is no text escaped.
constexpr std::array<const char*, 9> schema{
    "CREATE SCHEMA factord",
    "CREATE TABLE factord.meta (name text PRIMARY KEY, value bytea NOT NULL)",
    "CREATE TABLE factord.head (id smallint PRIMARY KEY CHECK (id = 1), "
    "sequence bigint NOT NULL, hash bytea NOT NULL, created_at bigint NOT NULL, "
    "epoch bigint NOT NULL, token_epoch bigint NOT NULL) WITH (fillfactor = 10)",
    "CREATE TABLE factord.state (key bytea PRIMARY KEY, value bytea NOT NULL)",
    "CREATE TABLE factord.events (sequence bigint PRIMARY KEY, user_id bytea NOT NULL, "
    "value bytea NOT NULL, attempt bytea)",
    "CREATE INDEX events_of_user ON factord.events (user_id, sequence)",
    "CREATE VIEW factord.readable_events AS SELECT sequence, encode(user_id, 'escape') AS user_id, "
    "encode(substring(value FROM 1 FOR 32), 'hex') AS hash, octet_length(value) - 32 AS bytes, "
    "encode(attempt, 'hex') AS attempt FROM factord.events",
    "CREATE VIEW factord.readable_states AS SELECT CASE substring(key FROM 1 FOR 1) "
    "WHEN 'u'::bytea THEN 'user' WHEN 'f'::bytea THEN 'factor' WHEN 'n'::bytea THEN 'username' "
    "WHEN 't'::bytea THEN 'token' WHEN 'i'::bytea THEN 'token id' WHEN 'k'::bytea THEN 'retry' "
    "WHEN 'w'::bytea THEN 'place of a retry' WHEN 'q'::bytea THEN 'queue of retries' ELSE "
    "'unknown' END AS kind, "
    "encode(substring(key FROM 2), 'escape') AS key, octet_length(value) AS bytes "
    "FROM factord.state",
    "CREATE VIEW factord.readable_head AS SELECT sequence, encode(hash, 'hex') AS hash, "
    "to_timestamp(created_at / 1000000.0) AS created_at, epoch, token_epoch FROM factord.head",
};

}  // namespace

const sql_statement& statement_of(sql which) {
  const auto place = static_cast<std::size_t>(which);
  FACTORD_CHECK(place < statements.size());
  if (which == sql::move_head && planted(canary::no_guard)) return move_unguarded_head;
  if (which == sql::begin_snapshot && planted(canary::torn_read)) return begin_many_snapshots;
  return statements[place];
}

std::span<const sql> statements_of_writers() noexcept { return of_writers; }

std::span<const sql> statements_of_readers() noexcept { return of_readers; }

std::span<const char* const> statements_of_schema() noexcept { return schema; }

}  // namespace factord::storage
