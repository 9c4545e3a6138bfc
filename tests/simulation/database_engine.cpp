#include "tests/simulation/database_engine.hpp"

#include <utility>

#include "tests/simulation/model.hpp"

namespace factord::simulation {

database_engine::database_engine(database& of, commit_thread& thread,
                                 storage::writer_session::notice tell)
    : of_(of) {
  auto io = std::make_unique<database_io>(of, thread, seen_);
  io_ = io.get();
  writer_ =
      std::make_unique<storage::writer_session>(of.rules(), latch_, std::move(io), std::move(tell));
}

void database_engine::see(const point& end) const {
  if (end.sequence > seen_->sequence) *seen_ = end;
}

result<storage::log_head> database_engine::load(storage::state_table& table) {
  auto head = writer_->load(table);
  check_given_up(head);
  if (head) see({head->sequence, head->hash});
  return head;
}

result<storage::commit_status> database_engine::commit(const storage::state_table& table,
                                                       std::span<const storage::new_event> events) {
  auto ended = writer_->commit(table, events);
  check_given_up(ended);
  return ended;
}

/// Nobody stops for good without a cause.
template <class T>
void database_engine::check_given_up(const result<T>& ended) const {
  if (ended || ended.error().code != errc::storage_failed || of_.has_lost_events()) return;
  throw violation{"a database that has lost nothing is given up: " + ended.error().message};
}

void database_engine::abandon() {
  writer_->abandon();
  if (io_->in_transaction()) throw violation{"the head is locked over idle time"};
}

result<void> database_engine::sync() {
  if (auto fenced = latch_.fenced()) return *std::move(fenced);
  return {};
}

// As a reader on a new connection: of its time it has seen the newest event, or it stops.
result<const database_tables*> database_engine::look() const {
  if (auto fenced = latch_.fenced()) return *std::move(fenced);
  if (!of_.up()) return error{errc::unavailable, "nobody is there"};
  const point newest = latch_.newest();
  const event_row* const there = of_.tables().event(newest.sequence);
  if (newest.sequence > 0) {
    const auto hash = there == nullptr
                          ? std::nullopt
                          : std::optional{std::string_view{there->value}.substr(0, 32)};
    if (const auto same = latch_.see_event(newest, hash); !same) return same.error();
  }
  const storage::log_head& head = of_.tables().head().log;
  if (const auto seen = latch_.see(head, newest); !seen) return seen.error();
  see({head.sequence, head.hash});
  return &of_.tables();
}

}  // namespace factord::simulation
