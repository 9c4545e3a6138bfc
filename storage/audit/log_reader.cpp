#include "storage/audit/log_reader.hpp"

#include <string>
#include <string_view>

#include "storage/engine/pages.hpp"
#include "storage/model/event.hpp"
#include "storage/model/event_value.hpp"

namespace factord::storage {

namespace {

error wrong(std::uint64_t sequence, std::string_view what) {
  return {errc::corruption, "event " + std::to_string(sequence) + " " + std::string{what}};
}

}  // namespace

log_reader::log_reader(const log_source& store)
    : store_(store), previous_(empty_log_head(store.chain_start()).hash) {}

result<void> log_reader::read(std::uint64_t last, const taker& take) {
  const auto page = [&](const events_answer& read) -> result<void> {
    page_.resize(read.events.size());
    for (std::size_t i = 0; i < page_.size(); ++i) {
      if (const auto good = check(read.events[i], page_[i]); !good) return good;
    }
    return page_.empty() ? result<void>{} : take(page_);
  };
  if (const auto done = for_each_event_page(store_, sequence_, last, page); !done) return done;
  return sequence_ < last ? wrong(sequence_ + 1, "is missing") : result<void>{};
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
