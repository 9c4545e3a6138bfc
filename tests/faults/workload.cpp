#include "tests/faults/workload.hpp"

#include <memory>
#include <utility>

#include "tests/unit/storage/commit/commands.hpp"

namespace factord::storage::testing {

store_options small_store() {
  store_options options;
  options.write_buffer_bytes = 4U << 20U;  // the least that our memtable has room in
  options.wal_bytes = 64U << 10U;          // what ends most logs, and has their memtables flushed
  options.block_cache_bytes = 1U << 20U;
  return options;
}

workload::workload(engine& store, std::uint64_t seed, unsigned life)
    : store_(store),
      random_(seed * 1000 + life),
      prefix_(std::to_string(life) + "-"),
      queue_(store, {}, {}, 1) {}

std::uint64_t workload::up_to(std::uint64_t most) {
  return std::uniform_int_distribution<std::uint64_t>{0, most}(random_);
}

std::string workload::some_user() {
  if (users_.empty()) return prefix_ + "nobody";
  return users_[up_to(users_.size() - 1)];
}

std::vector<event_record> workload::some_events() {
  switch (up_to(9)) {
    case 0:
      tokens_.push_back(token_event(event_type::token_added, some_user(),
                                    prefix_ + "token " + std::to_string(tokens_.size())));
      // No two tokens have one id.
      tokens_.back().mutable_payload()->set_token_id("id of " + prefix_ +
                                                     std::to_string(tokens_.size()));
      return {tokens_.back()};
    case 1: {
      if (tokens_.empty()) return {event_of(event_type::locked, some_user())};
      // By the user whose token it is: no event changes what another user's made.
      event_record removed = tokens_[up_to(tokens_.size() - 1)];
      removed.set_type(static_cast<std::uint32_t>(event_type::token_removed));
      return {removed};
    }
    case 2:
      return {event_of(up_to(1) == 0 ? event_type::locked : event_type::unlocked, some_user())};
    case 3:
      return {event_of(event_type::removed, some_user())};
    default:
      break;
  }
  users_.push_back(prefix_ + std::to_string(users_.size()));
  event_record added = human_added(users_.back());
  const std::uint64_t most = up_to(40) == 0 ? 70'000 : 3'000;
  // Not one byte over and over: that would compress, and no table would ever grow.
  std::string& email = *added.mutable_payload()->mutable_email();
  for (std::uint64_t left = up_to(most); left > 0; --left) {
    email += static_cast<char>('!' + up_to(90));
  }
  return {added, event_of(event_type::email_verified, users_.back()),
          event_of(event_type::otp_email_added, users_.back())};
}

std::optional<std::uint64_t> workload::run_batch() {
  std::vector<std::unique_ptr<test_command>> commands;
  for (std::uint64_t left = up_to(4) + 1; left > 0; --left) {
    if (up_to(2) == 0) {
      const std::string user = some_user();
      commands.push_back(std::make_unique<take_factor>(user));
      if (up_to(3) == 0) commands.push_back(std::make_unique<take_factor>(user));
    } else {
      commands.push_back(std::make_unique<append_events>(some_events()));
    }
  }
  for (const auto& pending : commands) {
    if (queue_.submit(*pending) != submit_status::accepted) return std::nullopt;
  }
  now_ += static_cast<std::int64_t>(up_to(1000));
  while (queue_.run_batch(from_micros(now_))) continue;
  // By what they were answered: background work may fail right after a batch was committed.
  for (const auto& pending : commands) {
    if (pending->outcome != commit_outcome::committed) return std::nullopt;
  }
  return last_sequence(store_);
}

std::uint64_t last_sequence(const log_source& store) {
  return read<events_answer>([&](auto done) { store.read_events(0, 0, std::move(done)); })
      .head.sequence;
}

std::vector<std::string> all_events(const log_source& store) {
  std::vector<std::string> values;
  for (;;) {
    const auto page = read<events_answer>(
        [&](auto done) { store.read_events(values.size(), 1000, std::move(done)); });
    if (page.events.empty()) return values;
    for (const stored_event& event : page.events) values.push_back(event.value);
  }
}

}  // namespace factord::storage::testing
