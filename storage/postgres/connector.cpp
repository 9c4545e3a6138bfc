#include "storage/postgres/connector.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <utility>

#include "storage/postgres/converse.hpp"
#include "storage/postgres/host_choice.hpp"
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
                          clock::time_point by) {
  auto made = postgres_connection::open(host, rules, by);
  if (!made) return made;
  if (const auto set = set_up(**made, rules, by); !set) return set.error();
  return made;
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

postgres_connection::time time_for_all(const postgres_location& location,
                                       const session_rules& rules) {
  const std::size_t hosts = location.hosts().size();
  return clock::now() + rules.connect_time * (hosts > 1 ? hosts + 1 : 1);
}

connected connect_to_server(const postgres_location& location, const session_rules& rules,
                            postgres_connection::time by, std::uint32_t oldest) {
  host_choice choice{rules, location.hosts().size(), by, oldest};
  std::unique_ptr<postgres_connection> taken;
  for (const auto& host : location.hosts()) {
    auto made = connect_to_host(host, rules, choice.next_by(clock::now()));
    if (!made) {
      choice.refused(shown_host(host), made.error());
    } else if (choice.takes(shown_host(host), (*made)->server().tag.timeline)) {
      taken = *std::move(made);
    }
  }
  if (taken != nullptr) return taken;
  return choice.why_none();
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
