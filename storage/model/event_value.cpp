#include "storage/model/event_value.hpp"

#include <algorithm>
#include <string>

namespace factord::storage {

namespace {

error corrupt(std::uint64_t sequence, std::string_view what) {
  return {errc::corruption, "event " + std::to_string(sequence) + " " + std::string{what}};
}

}  // namespace

result<event_value> split_event_value(std::uint64_t sequence, std::string_view value) {
  event_value parts;
  if (value.size() <= parts.hash.size()) return corrupt(sequence, "is too short to be an event");
  std::copy_n(value.begin(), parts.hash.size(), parts.hash.begin());
  parts.record = value.substr(parts.hash.size());
  return parts;
}

result<void> parse_event_record(std::uint64_t sequence, std::string_view record,
                                event_record& out) {
  if (!out.ParseFromArray(record.data(), static_cast<int>(record.size()))) {
    return corrupt(sequence, "does not hold an event record");
  }
  return {};
}

result<log_head> head_at(std::uint64_t sequence, std::string_view value) {
  const auto parts = split_event_value(sequence, value);
  if (!parts) return parts.error();
  thread_local event_record record;
  if (const auto parsed = parse_event_record(sequence, parts->record, record); !parsed) {
    return parsed.error();
  }
  return log_head{.sequence = sequence,
                  .hash = parts->hash,
                  .created_at = from_micros(record.created_at()),
                  .token_epoch = 0};
}

log_head empty_log_head(std::string_view store_id) {
  return {.sequence = 0, .hash = sha256{}.of(store_id), .created_at = {}, .token_epoch = 0};
}

}  // namespace factord::storage
