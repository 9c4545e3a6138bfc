#include "storage/audit/log_reader.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "storage/base/check.hpp"
#include "storage/engine/wait_for.hpp"
#include "storage/model/event.hpp"
#include "storage/model/event_value.hpp"

namespace factord::storage {

namespace {

constexpr std::uint64_t events_per_page = 1000;

error wrong(std::uint64_t sequence, std::string_view what) {
  return {errc::corruption, "event " + std::to_string(sequence) + " " + std::string{what}};
}

}  // namespace

log_reader::log_reader(const log_source& store)
    : store_(store), previous_(empty_log_head(store.store_id()).hash) {}

result<const std::vector<event_record>*> log_reader::next(std::uint64_t last) {
  FACTORD_CHECK(last > sequence_);
  const std::uint64_t wanted = std::min(events_per_page, last - sequence_);
  const auto page = wait_for<events_answer>([&](auto done) {
    store_.read_events(sequence_, static_cast<std::size_t>(wanted), std::move(done));
  });
  if (!page) return page.error();
  if (page->events.empty()) return wrong(sequence_ + 1, "is missing");
  page_.resize(page->events.size());
  for (std::size_t i = 0; i < page_.size(); ++i) {
    if (const auto good = check(page->events[i], page_[i]); !good) return good.error();
  }
  return &page_;
}

result<void> log_reader::check(const stored_event& event, event_record& record) {
  if (event.sequence != sequence_ + 1) return wrong(sequence_ + 1, "is missing");
  const auto value = split_event_value(event.sequence, event.value);
  if (!value) return value.error();
  if (hash_.link(previous_, event.sequence, value->record) != value->hash) {
    return wrong(event.sequence, "does not fit the hash chain");
  }
  const auto parsed = parse_event_record(event.sequence, value->record, record);
  if (!parsed) return parsed.error();
  if (name(static_cast<event_type>(record.type())).empty() || record.user_id().empty()) {
    return wrong(event.sequence, "is of unknown type " + std::to_string(record.type()));
  }
  if (record.created_at() < created_at_) return wrong(event.sequence, "is older than the last");
  previous_ = value->hash;
  sequence_ = event.sequence;
  created_at_ = record.created_at();
  return {};
}

}  // namespace factord::storage
