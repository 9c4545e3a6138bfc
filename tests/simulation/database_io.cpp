#include "tests/simulation/database_io.hpp"

#include <algorithm>
#include <utility>

#include "storage/postgres/host_choice.hpp"

namespace factord::simulation {

database_io::database_io(database_hosts& to, simulated_thread& thread,
                         storage::primary_watch& watch,
                         std::shared_ptr<const storage::head_latch::point> seen)
    : to_(to),
      run_(to.newest().around().run),
      events_(to.newest().around().time),
      random_(to.newest().around().random),
      thread_(thread),
      watch_(watch),
      first_(random_.below(database_hosts::count)),
      seen_(std::move(seen)) {}

moment database_io::delay() const {
  const database_options& how = run_.of_database;
  return moment{random_.percent(how.slow_messages) ? random_.between(1, how.slowest_us)
                                                   : random_.between(20, 300)};
}

database_io::~database_io() {
  const auto peer_time =
      std::chrono::duration_cast<moment>(run_.of_database.rules.idle_transaction_time);
  hang_up(link_, random_.percent(70) ? delay() : peer_time);
}

void database_io::hang_up(handle& of, moment delay) const {
  if (of == nullptr) return;
  of->up->send({.exchange = {}, .closed = true}, delay);
  of.reset();
}

void database_io::close() { hang_up(link_, delay()); }

result<void> database_io::connect(time by) {
  close();
  storage::host_choice choice{run_.of_database.rules, database_hosts::count, by,
                              watch_.newest_timeline()};
  for (std::size_t i = 0; i < database_hosts::count; ++i) {
    const std::size_t host = (first_ + i) % database_hosts::count;
    const std::string name = "host " + std::to_string(host);
    auto made = connect_to(host, choice.next_by(now()));
    if (!made) {
      choice.refused(name, made.error());
    } else if (choice.takes(name, (*made)->to.server.timeline)) {
      std::swap(link_, *made);
    }
    if (made) hang_up(*made, delay());
  }
  if (link_ == nullptr) return choice.why_none();
  watch_.see({link_->to.server, 1});
  return {};
}

result<database_io::handle> database_io::connect_to(std::size_t host, time by) {
  thread_.wait(std::min(moment_of(by), thread_.now() + delay() + delay()));
  const bool silent = random_.percent(30);
  database* const there = to_.at(host);
  if (there == nullptr) return error{errc::unavailable, "it is a standby"};
  if (!there->up() || random_.percent(run_.of_database.refusals)) {
    if (silent) thread_.wait(moment_of(by));
    return error{errc::unavailable, "nobody is there"};
  }
  if (now() >= by) return error{errc::unavailable, "no connection in time"};
  return make_connection(*there);
}

database_io::handle database_io::make_connection(database& to) {
  auto made = std::make_shared<connection>();
  // The thread is there for as long as the connection is this one's.
  made->down = std::make_shared<database_session::line>(
      events_, [weak = std::weak_ptr(made), &on = thread_](database_answer answer) {
        const auto same = weak.lock();
        if (same == nullptr) return;
        same->arrived.push_back(std::move(answer));
        on.wake();
      });
  auto session = std::make_shared<database_session>(to, made->down, seen_);
  made->up = std::make_shared<message_line<database_order>>(
      events_, [session](database_order order) { session->receive(std::move(order)); });
  made->session = session;
  made->to = {session->server(), session->process()};
  to.join(std::move(session));
  return made;
}

std::optional<storage::session_io::peer> database_io::connected_to() const {
  return link_ == nullptr ? std::nullopt : std::optional{link_->to};
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

void database_io::cut() {
  if (link_ == nullptr) return;
  if (random_.percent(50)) link_->up->drop();
  if (random_.percent(50)) link_->down->drop();
  if (random_.percent(70)) link_->up->send({.exchange = {}, .closed = true}, delay());
  link_->up->stop();
  link_->down->stop();
  if (random_.percent(70)) {
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
