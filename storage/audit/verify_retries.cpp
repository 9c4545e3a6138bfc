#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/audit/verify_pass.hpp"
#include "storage/engine/pages.hpp"
#include "storage/model/event_value.hpp"
#include "storage/model/keys.hpp"
#include "storage/model/retries.hpp"
#include "storage/model/state_table.hpp"

namespace factord::storage {

namespace {

constexpr std::size_t retries_compared_at_once = 500;

/// What stands under `key` in a table of one event, as bytes.
std::string made(const state_table& table, const std::string& key) {
  return std::string{table.get(key).value()};
}

/// Compares what the events of the queue have left with what is stored. Where a key was used again,
/// its record is the later event's, and its first place is empty. A record that claims so and is
/// not shows in the counts.
class retry_walk {
 public:
  retry_walk(const log_source& store, findings& found)
      : store_(store), found_(found), first_(found.retries.queue.first) {}

  [[nodiscard]] result<void> add(std::uint64_t sequence, const event_record& event) {
    if (event.private_part().retry_key().empty()) return {};
    const std::uint64_t place = next_++;
    if (place < first_) return {};
    expect(place, sequence, event);
    if (expected_.size() < retries_compared_at_once) return {};
    return compare();
  }

  [[nodiscard]] result<void> finish() {
    if (const auto compared = compare(); !compared) return compared;
    return compare_queue();
  }

 private:
  struct expectation {
    std::uint64_t place;
    std::string record;
    std::string at_place;
  };

  void expect(std::uint64_t place, std::uint64_t sequence, const event_record& event) {
    std::string queue_key;
    set_retry_queue_key(queue_key);
    set_retry_key(keys_.emplace_back(), event.private_part().retry_key());
    set_retry_place_key(keys_.emplace_back(), place);
    // As the event alone would have it, at its place.
    event_record alone = event;
    alone.mutable_private_part()->clear_retries_ended();
    retry_queue before;
    before.set_first(place);
    before.set_next(place);
    table_.clear();
    list_retry(alone, table_);
    table_.put(queue_key, before.SerializeAsString());
    evolve_retries(alone, sequence, table_);
    expected_.push_back({place, made(table_, keys_[keys_.size() - 2]), made(table_, keys_.back())});
  }

  result<void> compare() {
    const auto stored =
        wait_for<states_answer>([this](auto done) { store_.read_states(keys_, std::move(done)); });
    if (!stored) return stored.error();
    for (std::size_t i = 0; i < expected_.size(); ++i) {
      compare(expected_[i], keys_[2 * i], stored->records[2 * i], keys_[2 * i + 1],
              stored->records[2 * i + 1]);
    }
    keys_.clear();
    expected_.clear();
    return {};
  }

  void compare(const expectation& wanted, const std::string& key,
               const std::optional<std::string>& record, const std::string& place_key,
               const std::optional<std::string>& at_place) {
    if (record && is_of_later(wanted.place, *record)) {
      if (at_place) problem(place_key, " is there, though its key was used again");
      return;
    }
    ++found_.expected.retries;
    ++found_.expected.retry_places;
    judge(key, wanted.record, record);
    judge(place_key, wanted.at_place, at_place);
  }

  [[nodiscard]] bool is_of_later(std::uint64_t place, const std::string& record) const {
    retry_record parsed;
    return parsed.ParseFromString(record) && parsed.place() > place &&
           parsed.place() < found_.retries.queue.next;
  }

  result<void> compare_queue() {
    std::vector<std::string> keys(1);
    set_retry_queue_key(keys.front());
    const auto stored =
        wait_for<states_answer>([&](auto done) { store_.read_states(keys, std::move(done)); });
    if (!stored) return stored.error();
    const auto& record = stored->records.front();
    if (found_.retries.queue.next == 0) {
      if (record) problem(keys.front(), " is there, though no event has the key of a retry");
      return {};
    }
    retry_queue queue;
    queue.set_first(first_);
    queue.set_next(found_.retries.queue.next);
    judge(keys.front(), queue.SerializeAsString(), record);
    return {};
  }

  void judge(const std::string& key, const std::string& replayed,
             const std::optional<std::string>& stored) {
    if (!stored) return problem(key, " is missing");
    if (*stored != replayed) problem(key, " is not what replay gives");
  }

  void problem(const std::string& key, std::string_view what) {
    found_.problem("state " + printable(key) + std::string{what});
  }

  const log_source& store_;
  findings& found_;
  std::uint64_t first_;  ///< of the queue
  std::uint64_t next_ = 0;
  state_table table_;
  std::vector<std::string> keys_;  ///< two for each of expected_
  std::vector<expectation> expected_;
};

}  // namespace

result<void> verify_retries(const log_source& store, findings& found) {
  retry_walk retries{store, found};
  if (found.retries.queue.next == 0) return retries.finish();
  event_record record;
  const std::uint64_t last = found.report.head.sequence;
  const auto walked = for_each_event_page(
      store, found.retries.begin - 1, last, [&](const events_answer& page) -> result<void> {
        for (const stored_event& event : page.events) {
          const auto parts = split_event_value(event.sequence, event.value);
          // What does not parse was a finding of verify_log.
          if (!parts || !parse_event_record(event.sequence, parts->record, record)) continue;
          if (const auto added = retries.add(event.sequence, record); !added) return added;
        }
        if (!page.events.empty()) found.show("retries", page.events.back().sequence, last);
        return {};
      });
  if (!walked) return walked;
  return retries.finish();
}

}  // namespace factord::storage
