#include "tests/simulation/database_io.hpp"

#include <algorithm>
#include <utility>

#include "storage/base/check.hpp"

namespace factord::simulation {

moment database_io::delay() const {
  const database_options& how = to_.around().run.of_database;
  random_bits& random = to_.around().random;
  return moment{random.percent(how.slow_messages) ? random.between(1, how.slowest_us)
                                                  : random.between(20, 300)};
}

database_io::~database_io() {
  random_bits& random = to_.around().random;
  const auto peer_time = std::chrono::duration_cast<moment>(to_.rules().idle_transaction_time);
  hang_up(random.percent(70) ? delay() : peer_time);
}

void database_io::hang_up(moment delay) {
  if (link_ == nullptr) return;
  link_->up->send({.exchange = {}, .closed = true}, delay);
  link_.reset();
}

void database_io::close() { hang_up(delay()); }

result<void> database_io::connect(time by) {
  random_bits& random = to_.around().random;
  close();
  thread_.wait(std::min(moment_of(by), thread_.now() + delay() + delay()));
  const bool silent = random.percent(30);
  if (!to_.up() || random.percent(to_.around().run.of_database.refusals)) {
    const moment patience = std::chrono::duration_cast<moment>(to_.rules().connect_time);
    if (silent) thread_.wait(std::min(moment_of(by), thread_.now() + patience));
    return error{errc::unavailable, "nobody is there"};
  }
  if (now() >= by) return error{errc::unavailable, "no connection in time"};
  make_connection();
  return {};
}

void database_io::make_connection() {
  scheduler& events = to_.around().time;
  auto made = std::make_shared<connection>();
  // The thread is there for as long as the connection is this one's.
  made->down = std::make_shared<database_session::line>(
      events, [weak = std::weak_ptr(made), &on = thread_](database_answer answer) {
        const auto same = weak.lock();
        if (same == nullptr) return;
        same->arrived.push_back(std::move(answer));
        on.wake();
      });
  auto session = std::make_shared<database_session>(to_, made->down, seen_);
  made->up = std::make_shared<message_line<database_order>>(
      events, [session](database_order order) { session->receive(std::move(order)); });
  made->session = session;
  to_.join(std::move(session));
  link_ = std::move(made);
}

bool database_io::has_ended() {
  return link_ != nullptr && std::ranges::find(link_->arrived, database_answer::kind::lost,
                                               &database_answer::what) != link_->arrived.end();
}

void database_io::send(std::span<const storage::sql_request> requests) {
  database_order order;
  for (const storage::sql_request& one : requests) {
    const auto parameters = std::span{one.parameters}.first(one.count);
    order.exchange.push_back({one.which, {parameters.begin(), parameters.end()}});
  }
  link_->up->send(std::move(order), delay());
}

storage::exchange_event database_io::receive(time by) {
  const auto link = link_;
  while (link->arrived.empty()) {
    if (now() >= by) return {.what = database_answer::kind::late};
    thread_.wait(moment_of(by));
  }
  last_ = std::move(link->arrived.front());
  link->arrived.pop_front();
  rows_.rows = last_.rows.value_or(std::vector<row>{});
  return {.what = last_.what,
          .reply = {.how = last_.how,
                    .tag = last_.tag,
                    .rows = last_.rows ? &rows_ : nullptr,
                    .code = last_.code,
                    .message = last_.text},
          .text = last_.text};
}

result<void> database_io::confirm(time) {
  if (link_ != nullptr && !has_ended()) return {};
  return error{errc::unavailable, "the connection to the database was lost"};
}

void database_io::cut() {
  if (link_ == nullptr) return;
  random_bits& random = to_.around().random;
  if (random.percent(50)) link_->up->drop();
  if (random.percent(50)) link_->down->drop();
  if (random.percent(70)) link_->up->send({.exchange = {}, .closed = true}, delay());
  link_->up->stop();
  link_->down->stop();
  if (random.percent(70)) {
    link_->arrived.push_back(
        {.what = database_answer::kind::lost, .text = "the connection was reset"});
    thread_.wake();
  }
}

bool database_io::in_transaction() const {
  const auto session = link_ == nullptr ? nullptr : link_->session.lock();
  return session != nullptr && session->in_transaction();
}

}  // namespace factord::simulation
