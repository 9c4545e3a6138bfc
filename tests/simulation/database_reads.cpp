// What the statements of readers find (storage/postgres/statements.hpp).
#include <utility>

#include "storage/model/keys.hpp"
#include "tests/simulation/database_session.hpp"

namespace factord::simulation {

using storage::sql;

/// A transaction that has a snapshot reads that, whatever others commit.
const database_tables& database_session::view() const {
  return snapshot_ != nullptr ? *snapshot_ : of_.tables();
}

/// False where it is none of them.
bool database_session::reads(const request& one) {
  const auto& with = one.parameters;
  switch (one.which) {
    case sql::events_after:
      tell_events(view().events_after(number_in(with[0]), number_in(with[1])));
      return true;
    case sql::user_events_after:
      tell_events(view().user_events_after(with[0], number_in(with[1]), number_in(with[2])));
      return true;
    case sql::last_user_event:
      tell_events(view().last_user_event(with[0]));
      return true;
    case sql::states_from:
    case sql::states_between:
      read_states_in_range(one);
      return true;
    case sql::user_keys_after:
      read_user_keys(one);
      return true;
    default:
      return false;
  }
}

void database_session::tell_events(const storage::events_answer& found) {
  std::vector<row> rows;
  for (const storage::stored_event& event : found.events) {
    rows.push_back({bytes_of(event.sequence), event.value});
  }
  done("SELECT", std::move(rows));
}

void database_session::read_states_in_range(const request& one) {
  const bool bounded = one.which == sql::states_between;
  const auto below = bounded ? std::optional<std::string_view>{one.parameters[2]} : std::nullopt;
  std::vector<row> rows;
  for (const storage::key_value& found : view().states_in_range(
           one.parameters[0], one.parameters[1], below, number_in(one.parameters.back()))) {
    rows.push_back({found.key, found.value});
  }
  done("SELECT", std::move(rows));
}

void database_session::read_user_keys(const request& one) {
  std::string after;
  storage::set_user_event_key(after, one.parameters[0], number_in(one.parameters[1]));
  std::vector<row> rows;
  for (const std::string& key : view().user_event_keys_after(after, number_in(one.parameters[2]))) {
    const auto parts = storage::split_user_event_key(key);
    rows.push_back({std::string{parts.user_id}, bytes_of(parts.sequence)});
  }
  done("SELECT", std::move(rows));
}

}  // namespace factord::simulation
