#include "storage/postgres/connector.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <utility>

#include "storage/postgres/failures.hpp"
#include "storage/postgres/server_check.hpp"
#include "storage/postgres/standbys.hpp"

namespace factord::storage {

namespace {

using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using connected = result<std::unique_ptr<postgres_connection>>;

// Of undefined_table and invalid_schema_name: there is no store.
constexpr std::string_view no_table = "42P01";
constexpr std::string_view no_schema = "3F000";

result<void> set_up(postgres_connection& session, const session_rules& rules,
                    clock::time_point by) {
  const std::string lock = std::to_string(rules.lock_time.count());
  const std::string idle = std::to_string(rules.idle_transaction_time.count());
  const std::string peer = std::to_string(rules.peer_time.count());
  const std::string peer_millis = std::to_string(milliseconds{rules.peer_time}.count());
  const std::array requests{sql_request::of(sql::set_up, lock, idle, peer, std::string_view{"1"},
                                            std::string_view{"3"}, peer_millis),
                            sql_request::of(sql::look_around)};
  session.send(requests);
  std::optional<server_facts> facts;
  std::size_t replies = 0;
  const auto talked = converse(session, by, [&](const sql_reply& reply) {
    if (++replies == requests.size() && reply.rows != nullptr) facts = facts_of(*reply.rows);
  });
  if (!talked) return talked.error();
  if (!facts) return error{errc::bad_argument, "the database does not say what it is"};
  if (auto checked = check_server(*facts, session.server_process()); !checked) return checked;
  const auto tag = tag_of(*facts);
  if (!tag) return error{errc::bad_argument, "the database does not say on which timeline it is"};
  session.set_server({.tag = *tag, .standbys = demanded_standbys(facts->standby_names)});
  return {};
}

connected connect_to_host(const postgres_location::parameters& host, const session_rules& rules,
                          clock::time_point all_by, std::uint32_t oldest) {
  const auto by = std::min(all_by, clock::now() + rules.connect_time);
  auto made = postgres_connection::open(host, rules, by);
  if (!made) return made;
  if (const auto set = set_up(**made, rules, by); !set) return set.error();
  const std::uint32_t timeline = (*made)->server().tag.timeline;
  if (timeline >= oldest) return made;
  return error{errc::unavailable, "an old primary: its timeline is " + std::to_string(timeline) +
                                      ", and this process has seen " + std::to_string(oldest) +
                                      " (a database that was moved on purpose needs a restart)"};
}

/// By when the next of `left` hosts has to be there: as much is left for each of the others, and
/// for what comes after them.
clock::time_point share_of(clock::time_point by, std::size_t left) {
  const auto now = clock::now();
  return now + (by - now) / (left + 1);
}

/// The rows of meta, or why there are none.
result<meta_rows> read_meta_rows(postgres_connection& session, clock::time_point by) {
  const std::array requests{sql_request::of(sql::read_meta)};
  session.send(requests);
  meta_rows rows;
  std::string code;
  const auto talked = converse(session, by, [&](const sql_reply& reply) {
    if (reply.how == sql_reply::kind::failed) code = reply.code;
    if (reply.rows != nullptr) rows = meta_of(*reply.rows);
  });
  if (code == no_table || code == no_schema) {
    return error{errc::store_missing,
                 "there is no store in the database: factorctl makes one with init"};
  }
  if (!talked) return talked.error();
  return rows;
}

result<void> recognize(postgres_connection& session, std::string& store_id, clock::time_point by) {
  const auto rows = read_meta_rows(session, by);
  if (!rows) return rows.error();
  auto found = check_meta(*rows);
  if (!found) return found.error();
  // Who made it knows its id.
  if (found->unfinished && store_id.empty()) {
    return error{errc::not_a_store,
                 "a copy into the database goes on, or has not come to its end: drop the schema "
                 "factord and copy again"};
  }
  if (store_id.empty()) store_id = found->store_id;
  if (found->store_id == store_id) return {};
  return error{errc::storage_failed, "the database holds another store now: " + found->store_id +
                                         " instead of " + store_id};
}

}  // namespace

result<void> converse(postgres_connection& with, postgres_connection::time by,
                      const std::function<void(const sql_reply&)>& take, std::string* warning) {
  using kind = postgres_connection::event::kind;
  std::optional<error> failed;
  for (;;) {
    const auto event = with.receive(by);
    switch (event.what) {
      case kind::warning:
        if (warning != nullptr && warning->empty()) *warning = event.text;
        break;
      case kind::reply:
        if (event.reply.how == sql_reply::kind::failed && !failed) {
          failed = to_error({std::string{event.reply.code}, std::string{event.reply.message}});
        }
        if (event.reply.how != sql_reply::kind::skipped) take(event.reply);
        break;
      case kind::end:
        if (failed) return *std::move(failed);
        return {};
      case kind::lost:
        return error{errc::unavailable, std::string{event.text}};
      case kind::late:
        return error{errc::unavailable, "the database did not answer in time"};
    }
  }
}

postgres_connection::time time_for_all(const postgres_location& location,
                                       const session_rules& rules) {
  const std::size_t hosts = location.hosts().size();
  return clock::now() + rules.connect_time * (hosts > 1 ? hosts + 1 : 1);
}

connected connect_to_server(const postgres_location& location, const session_rules& rules,
                            postgres_connection::time by, std::uint32_t oldest) {
  const auto timeline = [](const auto& of) { return of->server().tag.timeline; };
  std::optional<error> failed;
  std::unique_ptr<postgres_connection> newest;
  std::size_t left = location.hosts().size();
  const bool alone = left == 1;
  for (const auto& host : location.hosts()) {
    auto made = connect_to_host(host, rules, alone ? by : share_of(by, left--), oldest);
    if (made) {
      if (newest == nullptr || timeline(*made) > timeline(newest)) newest = *std::move(made);
      continue;
    }
    const error& why = made.error();
    std::string told = shown_host(host) + ": " + why.message;
    // Of several, what is wrong with one that answers is worth more than that another does not.
    const errc code = failed && failed->code != errc::unavailable ? failed->code : why.code;
    failed = error{code, failed ? failed->message + "; " + told : std::move(told)};
  }
  if (newest != nullptr) return newest;
  return *std::move(failed);
}

connected connect_to_store(const postgres_location& location, const session_rules& rules,
                           std::span<const sql> statements, std::string& store_id,
                           postgres_connection::time by, std::uint32_t oldest) {
  auto made = connect_to_server(location, rules, by, oldest);
  if (!made) return made;
  if (const auto ours = recognize(**made, store_id, by); !ours) return ours.error();
  (*made)->send_preparations(statements);
  if (const auto prepared = converse(**made, by, [](const sql_reply&) {}); !prepared) {
    return prepared.error();
  }
  return made;
}

}  // namespace factord::storage
