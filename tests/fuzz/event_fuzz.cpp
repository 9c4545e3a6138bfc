// Stored records: whatever bytes stand in the log, decoding them fails or gives an event that is
// written back the same, and replay is total: it reads only keys that it named, writes records that
// can be read, and comes to the same state each time. Input: pieces, each with a byte for its size.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "storage/base/check.hpp"
#include "storage/model/event.hpp"
#include "storage/model/event_value.hpp"
#include "storage/model/evolve.hpp"
#include "storage/model/keys.hpp"
#include "storage/model/retries.hpp"
#include "storage/model/stored_record.hpp"
#include "tests/fuzz/input.hpp"

namespace factord::storage {
namespace {

using states = std::map<std::string, std::string>;

template <class Record>
void check_record(std::string_view bytes) {
  Record record;
  FACTORD_CHECK(record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  FACTORD_CHECK(record.SerializeAsString() == bytes);
}

void check_state(std::string_view key, std::string_view record) {
  switch (static_cast<key_kind>(key.front())) {
    case key_kind::user:
      return check_record<user_record>(record);
    case key_kind::factor:
      return check_record<factor_record>(record);
    case key_kind::username:
      return check_record<username_record>(record);
    case key_kind::token:
      return check_record<token_record>(record);
    case key_kind::retry:
      return check_record<retry_record>(record);
    case key_kind::retry_place:
      return check_record<retry_place>(record);
    case key_kind::retry_queue: {
      const auto queue = parse_stored<retry_queue>(record);
      FACTORD_CHECK(queue.first() < queue.next());
      return check_record<retry_queue>(record);
    }
    case key_kind::token_id:
      return;
    case key_kind::meta:
    case key_kind::last_event:
      break;
  }
  FACTORD_CHECK(false);
}

/// One event on the states so far, as verify replays it.
void replay(const event_record& event, std::uint64_t sequence, states& all) {
  state_table table;
  const auto load = [&] {
    for (std::size_t i = 0; i < table.size(); ++i) {
      const auto found = all.find(std::string(table.key(i)));
      if (found != all.end()) table.set_loaded(i, found->second);
    }
  };
  list_evolve_keys(event, table);
  list_retry(event, table);
  load();
  list_freed_keys(event, table);
  list_oldest_retries(table);
  load();
  evolve(event, table);
  evolve_retries(event, sequence, table);
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (!table.changed(i)) continue;
    const auto record = table.record(i);
    if (!record) {
      all.erase(std::string(table.key(i)));
      continue;
    }
    check_state(table.key(i), *record);
    all.insert_or_assign(std::string(table.key(i)), std::string(*record));
  }
}

std::optional<event_record> decode(std::string_view record) {
  event_record event;
  if (!parse_event_record(1, record, event)) return std::nullopt;
  event_record again;
  const std::string bytes = event.SerializeAsString();
  FACTORD_CHECK(parse_event_record(1, bytes, again) && again.SerializeAsString() == bytes);
  if (bytes.empty()) return event;  // which is no event of a log: it has no type
  const std::string value = std::string(32, 'h') + bytes;
  const auto head = head_at(7, value);
  FACTORD_CHECK(head && head->sequence == 7);
  FACTORD_CHECK(to_micros(head->created_at) == event.created_at());
  return event;
}

void check_value(std::string_view input) {
  const auto parts = split_event_value(1, input);
  FACTORD_CHECK(parts.has_value() == (input.size() > 32));
  if (parts) FACTORD_CHECK(input.ends_with(parts->record));
  (void)head_at(1, input);

  const user_event_key split = split_user_event_key(input);
  if (split.sequence == 0) return;
  std::string key;
  set_user_event_key(key, split.user_id, split.sequence);
  FACTORD_CHECK(key == input);
}

void check(std::string_view input) {
  check_value(input);
  std::vector<event_record> events;
  for (fuzz::cursor in(input); !in.empty();) {
    if (auto event = decode(in.take(in.byte()))) events.push_back(std::move(*event));
  }
  states once;
  for (std::size_t i = 0; i < events.size(); ++i) replay(events[i], i + 1, once);
  states twice;
  for (std::size_t i = 0; i < events.size(); ++i) replay(events[i], i + 1, twice);
  FACTORD_CHECK(once == twice);
}

}  // namespace
}  // namespace factord::storage

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  factord::storage::check(factord::fuzz::as_text(data, size));
  return 0;
}
