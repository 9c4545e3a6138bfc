#include "storage/postgres/tables.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <utility>
#include <vector>

#include "storage/engine/store_id.hpp"
#include "storage/model/event_value.hpp"
#include "storage/postgres/connector.hpp"
#include "storage/postgres/converse.hpp"
#include "storage/postgres/server_check.hpp"

namespace factord::storage {

namespace {

using clock = std::chrono::steady_clock;

// Of duplicate_schema, and of two who make one at the same time.
constexpr std::array<std::string_view, 2> there_already{"42P06", "23505"};

/// What ends with a commit, of which a cancelled wait for the standby says COMMIT, and warns.
result<void> converse_to_commit(postgres_connection& with, const session_rules& rules,
                                const std::function<void(const sql_reply&)>& take) {
  std::string warning;
  auto done = converse(with, clock::now() + rules.load_time, take, &warning);
  if (!done || warning.empty()) return done;
  return error{errc::unavailable,
               "the database has done it, but warns, so it may be lost with a machine: " + warning};
}

}  // namespace

result<std::string> make_tables(const postgres_location& location, const session_rules& rules,
                                const std::string& format) {
  const auto session = connect_to_server(location, rules, time_for_all(location, rules));
  if (!session) return session.error();
  const std::string store_id = draw_store_id();
  const digest hash = empty_log_head(store_id).hash;
  const std::string schema = current_schema();

  std::vector<const char*> texts{"BEGIN"};
  for (const char* const text : statements_of_schema()) texts.push_back(text);
  (*session)->send_texts(texts);
  std::string code;
  const auto keep_code = [&code](const sql_reply& reply) {
    if (reply.how == sql_reply::kind::failed && code.empty()) code = reply.code;
  };
  const auto by = clock::now() + rules.load_time;
  if (const auto made = converse(**session, by, keep_code); !made) {
    if (std::ranges::find(there_already, code) == there_already.end()) return made.error();
    return error{errc::already_exists,
                 "the database has a schema factord already: nothing was changed"};
  }
  const std::array fill{sql_request::of(sql::fill_meta, meta_name::schema, schema,
                                        meta_name::format, format, meta_name::store_id, store_id),
                        sql_request::of(sql::fill_head, as_bytes(hash)),
                        sql_request::of(sql::commit)};
  (*session)->send(fill);
  bool done = false;
  const auto filled = converse_to_commit(
      **session, rules, [&done](const sql_reply& reply) { done = reply.tag == "COMMIT"; });
  if (!filled) return filled.error();
  if (!done) return error{errc::unavailable, "the database did not commit"};
  return store_id;
}

result<void> alter_store(const postgres_location& location, const session_rules& rules,
                         std::string store_id, const sql_request& how) {
  const auto by = time_for_all(location, rules);
  const auto session = connect_to_store(location, rules, {}, store_id, by);
  if (!session) return session.error();
  (*session)->send({&how, 1});
  return converse_to_commit(**session, rules, [](const sql_reply&) {});
}

}  // namespace factord::storage
