#include "tests/unit/storage/postgres/scripted_database.hpp"

#include <algorithm>

#include "storage/postgres/binary.hpp"

namespace factord::storage::testing {

namespace {

using kind = exchange_event::kind;

std::string number(std::uint64_t value) {
  return std::string{as_bytes(bytes_of_number(clamped(value)))};
}

row row_of(const loaded_head& head, const std::string& standby_names,
           const std::string& turned_off) {
  return {number(head.log.sequence),
          std::string{as_bytes(head.log.hash)},
          number(static_cast<std::uint64_t>(to_micros(head.log.created_at))),
          number(head.epoch),
          number(head.log.token_epoch),
          number(77),
          standby_names,
          turned_off};
}

}  // namespace

result<void> scripted_database::connect(time) {
  trace_.emplace_back("connect");
  if (on_connect) on_connect();
  connected_ = refuse == 0;
  if (connected_) return {};
  --refuse;
  return error{refuse_as, "refused"};
}

void scripted_database::close() {
  connected_ = false;
  // A lost one has closed itself.
  if (!std::exchange(lost_, false)) trace_.emplace_back("close");
}

void scripted_database::pause(time until) {
  trace_.emplace_back("pause");
  clock = until;
}

exchange_event scripted_database::receive(time by) {
  if (coming_.empty() || clock > by) {
    // All that was sent has been answered, or it never will be.
    clock = std::max(clock, by);
    return {.what = kind::late};
  }
  const exchange_event next = coming_.front();
  coming_.pop_front();
  lost_ = next.what == kind::lost;
  if (next.what == kind::end) clock += takes;
  return next;
}

void scripted_database::send(std::span<const sql_request> requests) {
  coming_.clear();
  texts_.clear();
  rows_.clear();
  std::string names;
  for (const sql_request& request : requests) {
    names += (names.empty() ? "" : " ") + std::string{statement_of(request.which).name};
    if (request.which == sql::append_events) attempt_ = request.parameters[4];
  }
  trace_.push_back(names);
  bool failed = false;
  for (const sql_request& request : requests) {
    if (!answer(request, failed)) return;
  }
  const sql last = requests.back().which;
  if ((last == sql::commit || last == sql::touch) && warnings > 0) {
    --warnings;
    coming_.push_back(
        {.what = kind::warning, .text = "canceling wait for synchronous replication"});
  }
  if (std::exchange(one_more, false)) coming_.push_back({.what = kind::reply});
  coming_.push_back({.what = kind::end});
}

bool scripted_database::answer(const sql_request& request, bool& failed) {
  if (lose_at == request.which) {
    lose_at.reset();
    coming_.push_back({.what = kind::lost, .text = "lost"});
    return false;
  }
  if (late_at == request.which) {
    late_at.reset();
    return false;
  }
  if (omit == request.which) {
    omit.reset();
    return true;
  }
  const auto code = fail.find(request.which);
  if (failed) {
    coming_.push_back({.what = kind::reply});
  } else if (code != fail.end()) {
    failed = true;
    const std::string& kept = texts_.emplace_back(code->second);
    coming_.push_back({.what = kind::reply,
                       .reply = {.how = sql_reply::kind::failed, .code = kept, .message = "no"}});
    fail.erase(code);
  } else {
    reply_to(request);
  }
  return true;
}

void scripted_database::reply_to(const sql_request& request) {
  std::vector<row> rows;
  std::string said = request.writes ? "DONE " + std::to_string(*request.writes) : "OK";
  switch (request.which) {
    case sql::read_head:
    case sql::lock_head:
      rows = {head_row ? *head_row : row_of(head, standby_names, turned_off)};
      if (rows[0].empty()) rows.clear();
      break;
    case sql::read_states:
    case sql::read_states_and_last_events:
      for (const auto& [key, value] : states) rows.push_back({key, value});
      break;
    case sql::read_event_hash:
      if (hash_there) rows = {{*hash_there}};
      break;
    case sql::read_attempt:
      if (attempt_is_there) rows = {{attempt_}};
      break;
    case sql::read_standbys:
      rows = {{standby_names}};
      break;
    case sql::commit:
      said = "COMMIT";
      break;
    default:
      break;
  }
  if (const auto other = tag.find(request.which); other != tag.end()) {
    said = other->second;
    tag.erase(other);
  }
  coming_.push_back({.what = kind::reply,
                     .reply = {.how = sql_reply::kind::done,
                               .tag = texts_.emplace_back(std::move(said)),
                               .rows = &rows_.emplace_back(std::move(rows))}});
}

}  // namespace factord::storage::testing
