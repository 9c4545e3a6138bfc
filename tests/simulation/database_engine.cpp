#include "tests/simulation/database_engine.hpp"

#include <utility>

#include "tests/simulation/model.hpp"

namespace factord::simulation {

database_engine::database_engine(database_hosts& of, simulated_thread& thread,
                                 storage::writer_session::notice tell)
    : of_(of) {
  auto on = std::make_unique<database_platform>(of, thread, seen_);
  on_ = on.get();
  inner_ = std::make_unique<storage::postgres_engine>(std::move(on), of.newest().rules(), "store",
                                                      std::move(tell));
}

/// `before`: what had been seen when this was asked for.
void database_engine::see(const storage::log_head& head, const point& before) const {
  const bool other = head.sequence == before.sequence && head.hash != before.hash;
  if (head.sequence < before.sequence || (other && head.sequence > 0)) {
    throw violation{"event " + std::to_string(before.sequence) +
                    " was seen, and is lost, and whoever saw it goes on"};
  }
  if (head.sequence > seen_->sequence) *seen_ = {head.sequence, head.hash};
}

template <class T>
void database_engine::check_given_up(const result<T>& ended) const {
  if (ended || ended.error().code != errc::storage_failed || of_.has_lost_events()) return;
  throw violation{"a database that has lost nothing is given up: " + ended.error().message};
}

template <class T>
storage::log_source::callback<T> database_engine::watched(callback<T> done) const {
  return [this, before = *seen_, done = std::move(done)](result<T> found) {
    check_given_up(found);
    if constexpr (requires { found->head; }) {
      if (found) see(found->head, before);
    }
    done(std::move(found));
  };
}

result<storage::log_head> database_engine::load(storage::state_table& table) {
  const point before = *seen_;
  auto head = inner_->load(table);
  check_given_up(head);
  if (head) see(*head, before);
  return head;
}

result<storage::commit_status> database_engine::commit(const storage::state_table& table,
                                                       std::span<const storage::new_event> events) {
  auto ended = inner_->commit(table, events);
  check_given_up(ended);
  return ended;
}

void database_engine::abandon() {
  inner_->abandon();
  if (on_->in_transaction()) throw violation{"the head is locked over idle time"};
}

void database_engine::read_states(std::span<const std::string> keys,
                                  callback<storage::states_answer> done) const {
  inner_->read_states(keys, watched(std::move(done)));
}

void database_engine::read_events(std::uint64_t after, std::size_t limit,
                                  callback<storage::events_answer> done) const {
  inner_->read_events(after, limit, watched(std::move(done)));
}

void database_engine::read_user_events(std::string_view user_id, std::uint64_t after,
                                       std::size_t limit,
                                       callback<storage::events_answer> done) const {
  inner_->read_user_events(user_id, after, limit, watched(std::move(done)));
}

void database_engine::read_last_user_event(std::string_view user_id,
                                           callback<storage::events_answer> done) const {
  inner_->read_last_user_event(user_id, watched(std::move(done)));
}

void database_engine::scan_states(std::string_view prefix, std::string_view after,
                                  std::size_t limit,
                                  callback<std::vector<storage::key_value>> done) const {
  inner_->scan_states(prefix, after, limit, watched(std::move(done)));
}

void database_engine::scan_user_events(std::string_view after, std::size_t limit,
                                       callback<std::vector<std::string>> done) const {
  inner_->scan_user_events(after, limit, watched(std::move(done)));
}

}  // namespace factord::simulation
