#include <cstdint>
#include <limits>
#include <string>

#include "storage/audit/verify_pass.hpp"
#include "storage/engine/pages.hpp"
#include "storage/model/event_value.hpp"

namespace factord::storage {

namespace {

/// Checks one event after the other against what came before it.
class log_walk {
 public:
  log_walk(findings& found, digest first) : found_(found), previous_(first) {}

  void check(const stored_event& event) {
    if (event.sequence != sequence_ + 1) {
      found_.problem("after event " + std::to_string(sequence_) + " comes event " +
                     std::to_string(event.sequence) + ": a gap in the log");
    }
    sequence_ = event.sequence;
    const auto value = split_event_value(event.sequence, event.value);
    if (!value) return found_.problem(value.error().message);
    if (hash_.link(previous_, event.sequence, value->record) != value->hash) {
      problem("does not fit the hash chain");
    }
    // Goes on from the hash as stored, so that one edit is one finding.
    previous_ = value->hash;
    const auto parsed = parse_event_record(event.sequence, value->record, record_);
    if (!parsed) return found_.problem(parsed.error().message);
    check_record();
  }

  [[nodiscard]] std::uint64_t sequence() const { return sequence_; }

 private:
  void check_record() {
    if (record_.type() == 0 || record_.type() > event_type_count) {
      problem("is of unknown type " + std::to_string(record_.type()));
    } else {
      ++found_.report.events_by_type[record_.type()];
    }
    count_retry();
    if (record_.created_at() < created_at_) problem("is older than the event before it");
    created_at_ = record_.created_at();
  }

  void count_retry() {
    if (record_.private_part().retry_key().empty()) return;
    retry_totals& seen = found_.retries;
    if (record_.private_part().retries_ended() > retries_ended_at_once)
      problem("ends more retries than one may");
    seen.queue.first += retries_taken(record_, seen.queue);
    if (seen.queue.next++ == 0) seen.begin = sequence_;
  }

  void problem(std::string_view what) {
    found_.problem("event " + std::to_string(sequence_) + " " + std::string{what});
  }

  findings& found_;
  sha256 hash_;
  digest previous_;
  std::uint64_t sequence_ = 0;
  std::int64_t created_at_ = 0;
  event_record record_;
};

}  // namespace

result<void> verify_log(const log_source& store, findings& found) {
  log_walk walk{found, empty_log_head(store.chain_start()).hash};
  return for_each_event_page(store, 0, std::numeric_limits<std::uint64_t>::max(),
                             [&](const events_answer& page) -> result<void> {
                               found.report.head = page.head;
                               for (const stored_event& event : page.events) walk.check(event);
                               if (!page.events.empty())
                                 found.show("events", walk.sequence(), page.head.sequence);
                               return {};
                             });
}

}  // namespace factord::storage
