#include "storage/postgres/exchange_outcome.hpp"

#include "storage/base/check.hpp"
#include "storage/model/keys.hpp"
#include "storage/postgres/binary.hpp"
#include "storage/postgres/head_row.hpp"
#include "storage/postgres/standbys.hpp"

namespace factord::storage {

namespace {

/// Of a tag such as "INSERT 0 3": what stands last.
bool says(std::string_view tag, std::size_t rows) {
  const std::size_t blank = tag.rfind(' ');
  return blank != std::string_view::npos && tag.substr(blank + 1) == std::to_string(rows);
}

}  // namespace

void exchange_outcome::take(const sql_request& request, const sql_reply& reply,
                            state_table* table) {
  if (failure.has_value() != (reply.how == sql_reply::kind::skipped)) in_step = false;
  if (reply.how == sql_reply::kind::skipped) return;
  if (reply.how == sql_reply::kind::failed) {
    if (!failure) failure = sql_failure{std::string{reply.code}, std::string{reply.message}};
    return;
  }
  if (reply.rows != nullptr) take_rows(request.which, *reply.rows, table);
  if (request.which == sql::commit) tag = reply.tag;
  // A trigger or a rule of somebody's has made something else of it.
  if (request.writes && !says(reply.tag, *request.writes)) ours = false;
}

void exchange_outcome::take_rows(sql which, const sql_rows& rows, state_table* table) {
  switch (which) {
    case sql::read_head:
    case sql::lock_head:
      head = head_of(rows);
      if (head) standbys = head->standbys;
      return;
    case sql::read_standbys:
      if (rows.size() == 0) return;
      if (const auto cell = rows.cell(0, 0)) standbys = demanded_standbys(*cell);
      return;
    case sql::read_states:
    case sql::read_states_and_last_events:
      FACTORD_CHECK(table != nullptr);
      return take_states(rows, *table);
    case sql::read_event_hash:
    case sql::read_attempt:
      if (rows.size() == 0) return;
      if (const auto cell = rows.cell(0, 0)) found = std::string{*cell};
      return;
    default:
      return;
  }
}

void exchange_outcome::take_states(const sql_rows& rows, state_table& table) {
  for (std::size_t i = 0; i < table.size(); ++i) table.set_loaded(i, std::nullopt);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const auto key = rows.cell(row, 0);
    const auto value = rows.cell(row, 1);
    const auto place = key ? table.find(*key) : std::nullopt;
    const bool fits =
        key && value && (!is_last_event_key(*key) || value->size() == number_bytes{}.size());
    if (place && fits) {
      table.set_loaded(*place, *value);
    } else {
      ours = false;
    }
  }
}

}  // namespace factord::storage
