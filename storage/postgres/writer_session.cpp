#include "storage/postgres/writer_session.hpp"

#include <openssl/rand.h>

#include <array>
#include <chrono>
#include <thread>
#include <utility>

#include "storage/base/check.hpp"
#include "storage/postgres/touch.hpp"

namespace factord::storage {

namespace {

using clock = std::chrono::steady_clock;
using step = session_machine::step;

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
  machine_.load(table, expected, clock::now());
  run();
  if (const auto standbys = machine_.standbys()) watch_.see_standbys(*standbys);
  return machine_.loaded();
}

result<commit_status> writer_session::commit(const state_table& table,
                                             std::span<const new_event> events) {
  look();
  const auto attempt = draw_attempt();
  const auto sent = clock::now();
  machine_.commit(table, events, {attempt.data(), attempt.size()}, sent);
  run();
  // Where its outcome had to be found out, that was by a later commit on this connection.
  const bool done = machine_.committed() && *machine_.committed() == commit_status::committed;
  if (done && connection_ != nullptr) watch_.acknowledged(connection_->server().tag, sent);
  return machine_.committed();
}

/// After abandon: nothing has connected since the load.
result<void> writer_session::confirm() {
  if (connection_ == nullptr) {
    return error{errc::unavailable, "the connection to the database was lost"};
  }
  auto sure = make_sure(*connection_, watch_, rules_, clock::now() + rules_.commit_time);
  if (sure) return sure;
  const std::string cause = sure.error().message;
  connection_.reset();
  machine_.on_lost(cause, clock::now());
  return sure;
}

void writer_session::abandon() {
  machine_.abandon(clock::now());
  run();
}

void writer_session::look() {
  if (connection_ == nullptr || !connection_->has_ended()) return;
  connection_.reset();
  machine_.on_lost("the database has ended the connection", clock::now());
}

void writer_session::run() {
  for (step next = machine_.next(); next != step::done; next = machine_.next()) {
    switch (next) {
      case step::connect:
        connect_now();
        break;
      case step::send:
        connection_->send(machine_.requests());
        break;
      case step::receive:
        receive();
        break;
      case step::pause:
        std::this_thread::sleep_until(machine_.until());
        machine_.on_time(clock::now());
        break;
      case step::close:
        connection_.reset();
        break;
      case step::done:
        break;
    }
  }
  const std::string told = machine_.take_notice();
  if (!told.empty() && notice_) notice_(told);
}

void writer_session::connect_now() {
  auto made = connect_(machine_.until());
  if (!made) return machine_.on_refused(made.error(), clock::now());
  connection_ = *std::move(made);
  machine_.on_connected(clock::now());
}

void writer_session::receive() {
  using kind = postgres_connection::event::kind;
  const auto event = connection_->receive(machine_.until());
  switch (event.what) {
    case kind::warning:
      return machine_.on_warning(event.text);
    case kind::reply:
      return machine_.on_reply(event.reply);
    case kind::end:
      return machine_.on_end(clock::now());
    case kind::lost: {
      const std::string cause{event.text};
      connection_.reset();
      return machine_.on_lost(cause, clock::now());
    }
    case kind::late:
      return machine_.on_time(clock::now());
  }
}

}  // namespace factord::storage
