#include "tests/simulation/simulated_engine.hpp"

#include <algorithm>
#include <utility>

#include "tests/simulation/model.hpp"

namespace factord::simulation {

result<storage::log_head> simulated_engine::load(storage::state_table& table) {
  block(around_.run.commit_time_us / 4);
  auto head = inner_->load(table);
  in_transaction_ = head.has_value();
  if (head) head_ = *head;
  if (!again_ || !head) first_.reset();
  // What was in doubt is settled by a load.
  around_.committed();
  return head;
}

/// The same commands on the same states: to the byte, for the hash of each is in it.
void simulated_engine::compare(std::span<const storage::new_event> events) {
  const attempt before = *std::exchange(first_, std::nullopt);
  // Somebody else has committed in between, or it is later by the store's own clock.
  if (before.on.hash != head_.hash || before.on.read_at != head_.read_at) return;
  const auto same = [](const storage::new_event& now, const std::string& then) {
    return now.value == then;
  };
  if (!std::equal(events.begin(), events.end(), before.events.begin(), before.events.end(), same))
    throw violation{"a batch that was decided twice on the same states said two things"};
}

// A process may die before its write has come to the disk, or after that and before it knows.
result<storage::commit_status> simulated_engine::commit(
    const storage::state_table& table, std::span<const storage::new_event> events) {
  if (first_) {
    compare(events);
  } else if (around_.run.twice) {
    abandon();
    first_ = attempt{head_, {}};
    for (const storage::new_event& event : events) first_->events.emplace_back(event.value);
    around_.refused();
    return storage::commit_status::conflict;
  }
  again_ = false;
  block(around_.run.commit_time_us);
  in_transaction_ = false;
  const auto outcome = inner_->commit(table, events);
  if (!outcome) {
    around_.broken();
  } else if (*outcome == storage::commit_status::committed) {
    around_.committed();
  } else {
    around_.refused();
  }
  block(around_.run.commit_time_us);
  return outcome;
}

void simulated_engine::abandon() {
  if (first_) compare({});
  again_ = in_transaction_ = false;
  inner_->abandon();
}

void simulated_engine::read(std::function<void()> look_up) const {
  if (around_.random.percent(around_.run.inline_reads)) return look_up();
  around_.later(std::move(look_up));
}

void simulated_engine::read_states(std::span<const std::string> keys,
                                   callback<storage::states_answer> done) const {
  read([this, wanted = std::vector<std::string>(keys.begin(), keys.end()), done] {
    inner_->read_states(wanted, done);
  });
}

void simulated_engine::read_events(std::uint64_t after, std::size_t limit,
                                   callback<storage::events_answer> done) const {
  read([this, after, limit, done] { inner_->read_events(after, limit, done); });
}

void simulated_engine::read_user_events(std::string_view user_id, std::uint64_t after,
                                        std::size_t limit,
                                        callback<storage::events_answer> done) const {
  read([this, id = std::string(user_id), after, limit, done] {
    inner_->read_user_events(id, after, limit, done);
  });
}

void simulated_engine::read_last_user_event(std::string_view user_id,
                                            callback<storage::events_answer> done) const {
  read([this, id = std::string(user_id), done] { inner_->read_last_user_event(id, done); });
}

void simulated_engine::scan_states(std::string_view prefix, std::string_view after,
                                   std::size_t limit,
                                   callback<std::vector<storage::key_value>> done) const {
  read([this, from = std::string(prefix), key = std::string(after), limit, done] {
    inner_->scan_states(from, key, limit, done);
  });
}

void simulated_engine::scan_user_events(std::string_view after, std::size_t limit,
                                        callback<std::vector<std::string>> done) const {
  read([this, key = std::string(after), limit, done] {
    inner_->scan_user_events(key, limit, done);
  });
}

}  // namespace factord::simulation
