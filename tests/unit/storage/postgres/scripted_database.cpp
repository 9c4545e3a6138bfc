#include "tests/unit/storage/postgres/scripted_database.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <utility>

#include "storage/postgres/binary.hpp"

namespace factord::storage::testing {

namespace {

using step = session_machine::step;
using row = std::vector<std::string>;

class listed_rows final : public sql_rows {
 public:
  explicit listed_rows(std::vector<row> rows) : rows_(std::move(rows)) {}
  std::size_t size() const noexcept override { return rows_.size(); }
  std::optional<std::string_view> cell(std::size_t at, std::size_t column) const override {
    return rows_.at(at).at(column);
  }

 private:
  std::vector<row> rows_;
};

std::string number(std::uint64_t value) {
  return std::string{as_bytes(bytes_of_number(clamped(value)))};
}

row row_of(const loaded_head& head, const std::string& standby_names) {
  return {number(head.log.sequence),
          std::string{as_bytes(head.log.hash)},
          number(static_cast<std::uint64_t>(to_micros(head.log.created_at))),
          number(head.epoch),
          number(head.log.token_epoch),
          number(77),
          standby_names};
}

}  // namespace

void scripted_database::serve(session_machine& machine) {
  for (step next = machine.next(); next != step::done; next = machine.next()) {
    switch (next) {
      case step::connect:
        trace_.emplace_back("connect");
        if (refuse > 0) {
          --refuse;
          machine.on_refused({refuse_as, "refused"}, now);
        } else {
          machine.on_connected(now);
        }
        break;
      case step::send:
        exchange(machine);
        break;
      case step::receive:
        // All that was sent has been answered, or it never will be.
        now = machine.until();
        machine.on_time(now);
        break;
      case step::pause:
        trace_.emplace_back("pause");
        now = machine.until();
        machine.on_time(now);
        break;
      case step::close:
        trace_.emplace_back("close");
        break;
      case step::done:
        break;
    }
  }
}

void scripted_database::exchange(session_machine& machine) {
  const std::vector<sql_request> requests{machine.requests().begin(), machine.requests().end()};
  std::string names;
  for (const sql_request& request : requests) {
    names += (names.empty() ? "" : " ") + std::string{statement_of(request.which).name};
    if (request.which == sql::append_events) attempt_ = request.parameters[4];
  }
  trace_.push_back(names);
  ASSERT_EQ(machine.next(), step::receive);
  bool failed = false;
  for (const sql_request& request : requests) {
    if (lose_at == request.which) {
      lose_at.reset();
      return machine.on_lost("lost", now);
    }
    if (late_at == request.which) {
      late_at.reset();
      return;
    }
    const auto code = fail.find(request.which);
    if (failed) {
      machine.on_reply({});
    } else if (code != fail.end()) {
      failed = true;
      machine.on_reply({.how = sql_reply::kind::failed, .code = code->second, .message = "no"});
      fail.erase(code);
    } else {
      reply_to(request, machine);
    }
  }
  if (requests.back().which == sql::commit && warnings > 0) {
    --warnings;
    machine.on_warning("canceling wait for synchronous replication");
  }
  machine.on_end(now);
}

void scripted_database::reply_to(const sql_request& request, session_machine& machine) {
  std::vector<row> rows;
  std::string said = "OK";
  switch (request.which) {
    case sql::read_head:
    case sql::lock_head:
      rows = {head_row ? *head_row : row_of(head, standby_names)};
      if (rows[0].empty()) rows.clear();
      break;
    case sql::read_states:
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
    case sql::move_head:
    case sql::raise_epoch:
      said = "UPDATE 1";
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
  const listed_rows listed{std::move(rows)};
  machine.on_reply({.how = sql_reply::kind::done, .tag = said, .rows = &listed});
}

}  // namespace factord::storage::testing
