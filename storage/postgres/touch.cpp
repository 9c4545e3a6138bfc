#include "storage/postgres/touch.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "storage/base/canary.hpp"
#include "storage/postgres/binary.hpp"
#include "storage/postgres/converse.hpp"

namespace factord::storage {

namespace {

error unsure(const std::string& why) {
  return {errc::unavailable, "the database is not known to be the primary still: " + why};
}

}  // namespace

result<void> make_sure(session_io& of, primary_watch& watch, const session_rules& rules,
                       session_io::time by) {
  const auto peer = of.connected_to();
  if (!peer) return error{errc::unavailable, "the connection to the database was lost"};
  if (watch.outdated(peer->server)) return unsure("there is a newer one");
  const auto sent = of.now();
  if (watch.current(peer->server, sent)) return {};

  std::vector<sql_request> requests;
  const auto left = watch.take_waiting(peer->server);
  const number_bytes process = bytes_of_number(left.value_or(0));
  if (left) requests.push_back(sql_request::of(sql::cancel_touch, as_bytes(process)));
  requests.push_back(sql_request::of(sql::touch));
  of.send(requests);
  std::string warning;
  const auto touched = converse(
      of, std::min(by, sent + rules.commit_time), [](const sql_reply&) {}, &warning);
  if (!touched) {
    watch.leave_waiting(peer->server, peer->process);
    return unsure(touched.error().message);
  }
  // A wait for the standby that was cancelled warns, and counts for nothing.
  if (!warning.empty()) return unsure(warning);
  // By when it was confirmed the server may have been alone for as long as that took.
  watch.acknowledged(peer->server, planted(canary::late_lease) ? of.now() : sent);
  return {};
}

bool ended_or_outdated(session_io& of, const primary_watch& watch) {
  const auto peer = of.connected_to();
  return peer && (watch.outdated(peer->server) || of.has_ended());
}

}  // namespace factord::storage
