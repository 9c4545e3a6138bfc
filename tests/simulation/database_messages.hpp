#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "storage/postgres/exchange.hpp"
#include "tests/simulation/scheduler.hpp"

namespace factord::simulation {

using row = std::vector<std::optional<std::string>>;

/// To the database: an exchange, or the end of the connection.
struct database_order {
  struct request {
    storage::sql which;
    std::vector<std::string> parameters;
  };
  std::vector<request> exchange;
  bool closed = false;
};

/// From the database: an exchange_event, with what it is a view of.
struct database_answer {
  using kind = storage::exchange_event::kind;
  using outcome = storage::sql_reply::kind;
  kind what = kind::reply;
  outcome how = outcome::skipped;
  std::string tag = {};
  std::string code = {};
  std::string text = {};
  std::optional<std::vector<row>> rows = {};
};

/// One direction of a connection to a database: what is sent arrives in order, and late. Owned
/// through a shared_ptr; what is under way arrives although its sender is gone.
template <class T>
class message_line : public std::enable_shared_from_this<message_line<T>> {
 public:
  /// `arrive` must be callable for as long as anything can arrive.
  message_line(scheduler& time, std::function<void(T)> arrive)
      : time_(time), arrive_(std::move(arrive)) {}

  void send(T message, moment delay) {
    if (stopped_) return;
    arrives_ = std::max(arrives_ + moment{1}, time_.now() + delay);
    under_way_.push_back(std::move(message));
    time_.after(arrives_ - time_.now(), [self = this->shared_from_this()] { self->deliver(); });
  }
  /// What is sent from now on does not arrive.
  void stop() { stopped_ = true; }
  /// What is under way does not arrive.
  void drop() { under_way_.clear(); }

 private:
  void deliver() {
    if (under_way_.empty()) return;
    T first = std::move(under_way_.front());
    under_way_.pop_front();
    arrive_(std::move(first));
  }

  scheduler& time_;
  const std::function<void(T)> arrive_;
  moment arrives_{0};  ///< the last that was sent
  std::deque<T> under_way_;
  bool stopped_ = false;
};

}  // namespace factord::simulation
