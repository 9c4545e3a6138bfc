#include "tests/unit/server/protocol/session_fixture.hpp"

#include <charconv>
#include <functional>
#include <utility>

namespace factord::protocol {

session_fixture::session_fixture(const service::jwt_issuers* issuers) : service_fixture(issuers) {
  state_.advance(readiness::ready);
  api_ = std::make_unique<api>(
      api_options{bounds_, state_, storage::durability::disk, {"https://console.example"}});
  share();
}

void session_fixture::share() {
  environment_ = std::make_unique<session_environment>(
      session_environment{bounds_, date_, *api_, *users_, calls_, nullptr, &names_, &log_});
  open(surface::api);
}

void session_fixture::open(surface on) {
  session_ = std::make_unique<session>(*environment_, on, service::ticket{0, 3, 9});
  input_.clear();
}

void session_fixture::read_from(storage::engine& store) {
  users_ = std::make_unique<service::user_service>(
      service::environment{store,
                           *queue_,
                           token_epoch_,
                           tally_,
                           [this] { return now_; },
                           [this] { return steady_now_; },
                           draw_,
                           start_time,
                           [](const std::function<void()>& run) { run(); },
                           [this](service::call& done) { answered_.push_back(&done); },
                           {},
                           nullptr,
                           [this](service::call& begun) { session_->submitted(begun); }});
  share();
}

bool session_fixture::answer_seen::has(std::string_view header_line) const {
  return head.find("\r\n" + std::string(header_line) + "\r\n") != std::string::npos;
}

// Calls that were answered at once, or that came out of the queue. Handing one back may answer the
// next, so until none is left.
void session_fixture::hand_back() {
  while (!answered_.empty()) {
    for (service::call* done : std::exchange(answered_, {})) {
      done->note_answered(steady_now_);
      session_->complete(*done);
    }
  }
}

void session_fixture::feed(std::string_view bytes) {
  input_ += bytes;
  for (;;) {
    session_->set_time(steady_now_);
    const std::size_t taken = session_->receive(input_);
    input_.erase(0, taken);
    const bool progress = taken > 0 || !answered_.empty();
    hand_back();
    if (!progress || input_.empty()) return;
  }
}

void session_fixture::run_queue() {
  queue_->run_batch(now_);
  hand_back();
  feed({});
}

std::vector<session_fixture::answer_seen> session_fixture::take_answers() {
  std::vector<answer_seen> seen;
  std::string bytes = std::exchange(session_->output(), {});
  while (!bytes.empty()) {
    answer_seen one;
    const std::size_t end = bytes.find("\r\n\r\n");
    EXPECT_NE(end, std::string::npos) << bytes;
    if (end == std::string::npos) break;
    one.head = bytes.substr(0, end + 2);
    std::from_chars(bytes.data() + 9, bytes.data() + 12, one.status);
    std::size_t length = 0;
    if (const auto at = one.head.find("Content-Length: "); at != std::string::npos) {
      std::from_chars(one.head.data() + at + 16, one.head.data() + one.head.size(), length);
    }
    one.body = bytes.substr(end + 4, length);
    bytes.erase(0, end + 4 + length);
    seen.push_back(std::move(one));
  }
  return seen;
}

std::vector<session_fixture::answer_seen> session_fixture::exchange(std::string bytes) {
  feed(bytes);
  while (session_->calls_in_flight() > 0) run_queue();
  return take_answers();
}

session_fixture::answer_seen session_fixture::ask_http(std::string_view request_line,
                                                       std::string_view body,
                                                       std::string_view token,
                                                       std::string_view fields) {
  std::string bytes(request_line);
  bytes += " HTTP/1.1\r\nHost: h\r\n";
  if (!token.empty()) bytes.append("Authorization: Bearer ").append(token).append("\r\n");
  if (!body.empty()) bytes += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  bytes.append(fields).append("\r\n").append(body);
  const std::vector<answer_seen> seen = exchange(std::move(bytes));
  EXPECT_EQ(seen.size(), 1U) << request_line;
  return seen.empty() ? answer_seen{} : seen.front();
}

}  // namespace factord::protocol
