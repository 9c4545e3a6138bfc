#include "tests/simulation/database_session.hpp"

#include <array>
#include <utility>

#include "storage/base/check.hpp"
#include "tests/simulation/model.hpp"

namespace factord::simulation {

using storage::sql;

database_session::database_session(database& of, std::shared_ptr<line> to_client,
                                   std::shared_ptr<const storage::head_latch::point> seen)
    : of_(of),
      process_(of.next_process()),
      server_(of.tag()),
      to_client_(std::move(to_client)),
      seen_(std::move(seen)) {}

moment database_session::delay() const {
  const database_options& how = of_.around().run.of_database;
  random_bits& random = of_.around().random;
  return moment{random.percent(how.slow_messages) ? random.between(1, how.slowest_us)
                                                  : random.between(20, 300)};
}

void database_session::say(database_answer answer) { to_client_->send(std::move(answer), delay()); }

void database_session::done(std::string tag, std::optional<std::vector<row>> rows) {
  say({.how = outcome::done, .tag = std::move(tag), .rows = std::move(rows)});
}

void database_session::fail(std::string_view code) {
  say({.how = outcome::failed, .code = std::string{code}, .text = "no"});
  skipping_ = true;
  if (!open_) return;
  end_transaction();
  open_ = failed_ = true;
}

void database_session::end_transaction() {
  changes_ = {};
  open_ = failed_ = vague_ = touches_ = reading_ = one_snapshot_ = false;
  snapshot_.reset();
  of_.free_head(*this);
}

void database_session::later(moment delay, waits_for expected, void (database_session::*run)()) {
  waiting_ = expected;
  of_.around().time.after(delay, [self = shared_from_this(), run, step = ++step_] {
    if (!self->over_ && self->step_ == step) (self.get()->*run)();
  });
}

void database_session::receive(database_order order) {
  if (over_) return;
  // Where it is not at work it may hear of that at once.
  const bool pausing = waiting_ == waits_for::head || waiting_ == waits_for::its_turn;
  if (order.closed && pausing && of_.around().random.percent(30)) return end("it was closed");
  orders_.push_back(std::move(order));
  if (waiting_ == waits_for::nothing) advance();
}

void database_session::go_on() {
  later(moment{1}, waits_for::its_turn, &database_session::advance);
}

void database_session::advance() {
  waiting_ = waits_for::nothing;
  ++step_;
  while (!over_ && waiting_ == waits_for::nothing && begin_next()) {
    if (at_ == orders_.front().exchange.size()) {
      end_exchange();
    } else if (skipping_) {
      say({});
      ++at_;
    } else if (!std::exchange(stepped_aside_, true) && of_.around().random.percent(20)) {
      // Others get in between; into a snapshot they do not.
      const std::size_t longest = reading_ ? 5'000 : 500;
      later(moment{of_.around().random.between(1, longest)}, waits_for::its_turn,
            &database_session::advance);
    } else {
      do_request();
    }
  }
}

/// False where there is nothing to do now.
bool database_session::begin_next() {
  if (orders_.empty()) {
    if (open_) {
      later(of_.rules().idle_transaction_time, waits_for::nothing,
            &database_session::give_up_idling);
    }
    return false;
  }
  if (!orders_.front().closed) return true;
  end("the connection has ended");
  return false;
}

void database_session::end_exchange() {
  say({.what = kind::end});
  orders_.pop_front();
  at_ = 0;
  skipping_ = false;
}

void database_session::do_request() {
  const request& one = orders_.front().exchange[at_];
  const std::size_t before = at_;
  const auto& around = of_.around();
  constexpr std::array codes{"40001", "40P01", "53100", "57014", "55P03"};
  if (one.which == sql::begin || one.which == sql::begin_snapshot) {
    begin_transaction(one.which);
  } else if (one.which == sql::rollback) {
    end_transaction();
    done("ROLLBACK");
  } else if (around.random.percent(around.run.of_database.failures)) {
    if (one.which == sql::commit) end_transaction();
    fail(codes[around.random.below(codes.size())]);
  } else if (one.which == sql::commit) {
    commit();
  } else if (failed_) {
    fail("25P02");
  } else {
    do_statement(one);
  }
  FACTORD_CHECK(at_ == before);
  if (over_ || waiting_ != waits_for::nothing) return;
  ++at_;
  stepped_aside_ = false;
}

void database_session::begin_transaction(sql how) {
  if (open_) say({.what = kind::warning, .text = "there is already a transaction in progress"});
  open_ = true;
  reading_ = how == sql::begin_snapshot;
  one_snapshot_ = says(how, "REPEATABLE READ");
  done("BEGIN");
}

void database_session::commit() {
  const bool writes = changes_.head || !changes_.states.empty() || !changes_.events.empty();
  if (!open_ || failed_ || !writes) {
    const bool rolled_back = failed_;
    end_transaction();
    return done(rolled_back ? "ROLLBACK" : "COMMIT");
  }
  vague_ = of_.around().random.percent(of_.around().run.of_database.vague_commits);
  wait_for_standby();
}

void database_session::wait_for_standby() {
  waiting_ = waits_for::standby;
  ++step_;
  of_.write(std::move(changes_), *this);
}

void database_session::committed(bool cancelled) {
  if (over_) return;
  FACTORD_CHECK(waiting_ == waits_for::standby);
  const bool vague = vague_;
  const std::string_view tag = touches_ ? "SELECT 1" : "COMMIT";
  end_transaction();
  if (cancelled) {
    say({.what = kind::warning, .text = "canceling wait for synchronous replication"});
  }
  vague ? fail("40003") : done(std::string{tag});
  ++at_;
  stepped_aside_ = false;
  advance();
}

void database_session::give_up_lock() {
  of_.free_head(*this);
  fail("55P03");
  ++at_;
  stepped_aside_ = false;
  advance();
}

void database_session::give_up_idling() { end("an idle transaction"); }

void database_session::end(std::string_view why) {
  if (std::exchange(over_, true)) return;
  ++step_;
  // A machine that is gone does not say so.
  if (!of_.around().random.percent(30)) {
    say({.what = kind::lost, .text = std::string{why}});
  }
  of_.leave(*this);
}

void database_session::check_seen(const database_tables& log) const {
  if (log.holds(*seen_)) return;
  throw violation{"event " + std::to_string(seen_->sequence) +
                  " was seen, and is lost, and whoever saw it goes on"};
}

}  // namespace factord::simulation
