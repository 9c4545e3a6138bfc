#include "storage/postgres/writer_session.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <string>

#include "storage/base/check.hpp"
#include "storage/postgres/touch.hpp"

namespace factord::storage {

namespace {

/// Never drawn twice: what a commit is known by.
std::array<char, 16> draw_attempt() {
  std::array<unsigned char, 16> bytes;
  FACTORD_CHECK(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1);
  std::array<char, 16> attempt;
  std::copy(bytes.begin(), bytes.end(), attempt.begin());
  return attempt;
}

}  // namespace

result<log_head> writer_session::load(state_table& table) {
  const auto expected = latch_.newest();
  look();
  machine_.load(table, expected, io_->now());
  run();
  if (const auto standbys = machine_.standbys()) watch_.see_standbys(*standbys);
  return machine_.loaded();
}

result<commit_status> writer_session::commit(const state_table& table,
                                             std::span<const new_event> events) {
  look();
  const auto attempt = draw_attempt();
  const auto sent = io_->now();
  machine_.commit(table, events, {attempt.data(), attempt.size()}, sent);
  run();
  // Where its outcome had to be found out, that was by a later commit on this connection.
  const bool done = machine_.committed() && *machine_.committed() == commit_status::committed;
  const auto peer = io_->connected_to();
  if (done && peer) watch_.acknowledged(peer->server, sent);
  return machine_.committed();
}

/// After abandon: nothing has connected since the load.
result<void> writer_session::confirm() {
  auto sure = make_sure(*io_, watch_, rules_, io_->now() + rules_.commit_time);
  if (sure) return sure;
  io_->close();
  machine_.on_lost(sure.error().message, io_->now());
  return sure;
}

void writer_session::abandon() {
  machine_.abandon(io_->now());
  run();
}

void writer_session::look() {
  if (!ended_or_outdated(*io_, watch_)) return;
  io_->close();
  machine_.on_lost("the database has ended the connection", io_->now());
}

void writer_session::run() {
  run_session(machine_, *io_);
  const std::string told = machine_.take_notice();
  if (!told.empty() && notice_) notice_(told);
}

}  // namespace factord::storage
