// What the statements of storage/postgres/statements.hpp do. Where it is the text of one that
// protects something, the text is looked at.
#include <algorithm>
#include <string_view>
#include <utility>

#include "storage/base/check.hpp"
#include "storage/postgres/binary.hpp"
#include "tests/simulation/database_session.hpp"

namespace factord::simulation {

using storage::sql;

bool database_session::says(sql which, std::string_view words) {
  return std::string_view{storage::statement_of(which).text}.find(words) != std::string_view::npos;
}

std::string database_session::bytes_of(std::uint64_t number) {
  return std::string{storage::as_bytes(storage::bytes_of_number(storage::clamped(number)))};
}

std::uint64_t database_session::number_in(const std::string& parameter) {
  const auto number = storage::count_of(parameter);
  FACTORD_CHECK(number);
  return *number;
}

namespace {

/// The elements of an array parameter.
std::vector<std::string> elements_of(std::string_view array) {
  const auto take = [&array] {
    FACTORD_CHECK(array.size() >= 4);
    std::uint32_t number = 0;
    for (int i = 0; i < 4; ++i) number = number << 8U | static_cast<unsigned char>(array[i]);
    array.remove_prefix(4);
    return number;
  };
  std::vector<std::string> elements;
  const std::uint32_t dimensions = take();
  static_cast<void>(take());
  static_cast<void>(take());
  if (dimensions == 0) return elements;
  elements.resize(take());
  static_cast<void>(take());
  for (std::string& element : elements) {
    const std::uint32_t size = take();
    FACTORD_CHECK(size <= array.size());
    element = array.substr(0, size);
    array.remove_prefix(size);
  }
  FACTORD_CHECK(array.empty());
  return elements;
}

}  // namespace

void database_session::do_statement(const request& one) {
  const bool locks = one.which == sql::move_head || one.which == sql::raise_epoch ||
                     (one.which == sql::lock_head && says(sql::lock_head, "FOR UPDATE"));
  if (locks) {
    FACTORD_CHECK(open_);
    if (!of_.lock_head(*this)) {
      return later(of_.rules().lock_time, waits_for::head, &database_session::give_up_lock);
    }
  }
  if (one_snapshot_ && snapshot_ == nullptr) snapshot_ = of_.snapshot();
  if (reads(one)) return;
  switch (one.which) {
    case sql::read_head:
    case sql::lock_head:
      return head_row();
    case sql::read_states:
    case sql::read_states_and_last_events:
      return read_states(one);
    case sql::read_event_hash:
    case sql::read_attempt:
      return read_of_event(one);
    case sql::move_head:
      return move_head(one);
    case sql::raise_epoch:
      return raise_epoch();
    case sql::delete_states:
    case sql::put_states:
      return change_states(one);
    case sql::append_events:
      return append_events(one);
    case sql::touch:
      return touch();
    case sql::cancel_touch:
      of_.cancel_touch(number_in(one.parameters[0]));
      return done("SELECT");
    case sql::read_standbys:
      return done("SELECT 1", std::vector<row>{{"*"}});
    default:
      FACTORD_CHECK(false && "a statement that no session sends");
  }
}

void database_session::head_row() {
  const storage::loaded_head& head = view().head();
  std::vector<row> rows;
  rows.push_back({bytes_of(head.log.sequence), std::string{storage::as_bytes(head.log.hash)},
                  bytes_of(static_cast<std::uint64_t>(to_micros(head.log.created_at))),
                  bytes_of(head.epoch), bytes_of(head.log.token_epoch),
                  bytes_of(static_cast<std::uint64_t>(to_micros(of_.clock()))), "*", ""});
  done("SELECT 1", std::move(rows));
}

void database_session::read_states(const request& one) {
  std::vector<row> rows;
  for (const std::string& key : elements_of(one.parameters[0])) {
    const std::string* const value = view().state(key);
    if (value != nullptr) rows.push_back({key, *value});
  }
  if (one.which == sql::read_states_and_last_events) add_last_events(one, rows);
  done("SELECT", std::move(rows));
}

void database_session::add_last_events(const request& one, std::vector<row>& rows) {
  for (const std::string& user : elements_of(one.parameters[1])) {
    const storage::events_answer found = view().last_user_event(user);
    if (!found.events.empty()) rows.push_back({"l" + user, bytes_of(found.events[0].sequence)});
  }
}

void database_session::read_of_event(const request& one) {
  std::vector<row> rows;
  if (const event_row* const found = view().event(number_in(one.parameters[0]))) {
    rows.push_back({one.which == sql::read_attempt ? found->attempt : found->value.substr(0, 32)});
  }
  done("SELECT", std::move(rows));
}

/// Of the row as it is now that it is locked, whatever an earlier statement saw.
void database_session::move_head(const request& one) {
  storage::loaded_head head = of_.tables().head();
  const auto& to = one.parameters;
  const bool moved = head.log.sequence != number_in(to[0]) ||
                     storage::as_bytes(head.log.hash) != to[1] || head.epoch != number_in(to[2]);
  if (moved && says(sql::move_head, "AND epoch = $3 THEN $4 END")) return fail("23502");
  head.log.sequence = number_in(to[3]);
  FACTORD_CHECK(to[4].size() == head.log.hash.size());
  std::copy(to[4].begin(), to[4].end(), head.log.hash.begin());
  head.log.created_at = from_micros(static_cast<std::int64_t>(number_in(to[5])));
  head.log.token_epoch = number_in(to[6]);
  head.epoch += number_in(to[7]);
  changes_.head = head;
  done("UPDATE 1");
}

void database_session::raise_epoch() {
  changes_.head = of_.tables().head();
  ++changes_.head->epoch;
  done("UPDATE 1");
}

void database_session::change_states(const request& one) {
  const auto keys = elements_of(one.parameters[0]);
  const bool puts = one.which == sql::put_states;
  const auto values = puts ? elements_of(one.parameters[1]) : std::vector<std::string>{};
  std::size_t changed = 0;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (puts || of_.tables().state(keys[i]) != nullptr) ++changed;
    changes_.states[keys[i]] = puts ? std::optional{values.at(i)} : std::nullopt;
  }
  done((puts ? "INSERT 0 " : "DELETE ") + std::to_string(changed));
}

void database_session::append_events(const request& one) {
  const auto sequences = elements_of(one.parameters[0]);
  const auto users = elements_of(one.parameters[1]);
  const auto values = elements_of(one.parameters[2]);
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    const std::uint64_t sequence = number_in(sequences[i]);
    if (of_.tables().event(sequence) != nullptr) return fail("23505");
    event_row made{users.at(i), values.at(i), std::nullopt};
    if (sequences[i] == one.parameters[3]) made.attempt = one.parameters[4];
    changes_.events.emplace(sequence, std::move(made));
  }
  done("INSERT 0 " + std::to_string(sequences.size()));
}

/// A commit of its own, if it writes anything that a standby has to confirm.
void database_session::touch() {
  FACTORD_CHECK(!open_);
  if (!says(sql::touch, "pg_logical_emit_message(true")) return done("SELECT 1");
  touches_ = true;
  wait_for_standby();
}

}  // namespace factord::simulation
