#include "storage/postgres/touch.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "storage/postgres/binary.hpp"
#include "storage/postgres/connector.hpp"

namespace factord::storage {

namespace {

using clock = std::chrono::steady_clock;

error unsure(const std::string& why) {
  return {errc::unavailable, "the database is not known to be the primary still: " + why};
}

}  // namespace

result<void> make_sure(postgres_connection& of, primary_watch& watch, const session_rules& rules,
                       postgres_connection::time by) {
  const server_tag& server = of.server().tag;
  if (watch.outdated(server)) return unsure("there is a newer one");
  const auto sent = clock::now();
  if (watch.current(server, sent)) return {};

  std::vector<sql_request> requests;
  const auto left = watch.take_waiting(server);
  const number_bytes process = bytes_of_number(left.value_or(0));
  if (left) requests.push_back(sql_request::of(sql::cancel_touch, as_bytes(process)));
  requests.push_back(sql_request::of(sql::touch));
  of.send(requests);
  std::string warning;
  const auto touched = converse(
      of, std::min(by, sent + rules.commit_time), [](const sql_reply&) {}, &warning);
  if (!touched) {
    watch.leave_waiting(server, of.server_process());
    return unsure(touched.error().message);
  }
  // A wait for the standby that was cancelled warns, and counts for nothing.
  if (!warning.empty()) return unsure(warning);
  watch.acknowledged(server, sent);
  return {};
}

}  // namespace factord::storage
