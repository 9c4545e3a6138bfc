#include "storage/model/retries.hpp"

#include <algorithm>
#include <string>

#include "storage/base/check.hpp"
#include "storage/model/keys.hpp"
#include "storage/model/stored_record.hpp"

namespace factord::storage {

namespace {

/// Messages and buffers that keep their memory.
struct retry_scratch {
  std::string key;
  std::string bytes;
  retry_record record;
  retry_queue queue;
  retry_place place;
};

retry_scratch& retry_memory() {
  thread_local retry_scratch kept;
  return kept;
}

void put_record(retry_scratch& use, const google::protobuf::MessageLite& record,
                state_table& table) {
  FACTORD_CHECK(record.SerializeToString(&use.bytes));
  table.put(use.key, use.bytes);
}

template <class Record>
bool load(retry_scratch& use, const state_table& table, Record& out) {
  out.Clear();
  const auto bytes = table.get(use.key);
  if (bytes) parse_stored(*bytes, out);
  return bytes.has_value();
}

const retry_queue& load_queue(retry_scratch& use, const state_table& table) {
  set_retry_queue_key(use.key);
  load(use, table, use.queue);
  return use.queue;
}

/// Loads what stands at a place into `use.place`, and its key into `use.key`. Nothing stands where
/// nobody asked for it, either.
enum class found { something, nothing, not_named };
found load_place(retry_scratch& use, const state_table& table, std::uint64_t place) {
  set_retry_place_key(use.key, place);
  if (!table.find(use.key)) return found::not_named;
  return load(use, table, use.place) ? found::something : found::nothing;
}

bool has_key(const event_record& event) { return !event.private_part().retry_key().empty(); }

/// Takes the first of the queue away. A place is empty where its key was used again.
void end_first(retry_scratch& use, state_table& table) {
  const std::uint64_t place = use.queue.first();
  use.queue.set_first(place + 1);
  if (load_place(use, table, place) != found::something) return;
  table.erase(use.key);
  set_retry_key(use.key, use.place.key());
  table.erase(use.key);
}

/// A key whose time was over is used again: its old place is empty.
void leave_place(retry_scratch& use, state_table& table, std::string_view key_hash) {
  set_retry_key(use.key, key_hash);
  if (!load(use, table, use.record)) return;
  set_retry_place_key(use.key, use.record.place());
  table.erase(use.key);
}

}  // namespace

void list_retry(std::string_view key_hash, state_table& table) {
  retry_scratch& use = retry_memory();
  set_retry_key(use.key, key_hash);
  table.want(use.key);
  set_retry_queue_key(use.key);
  table.want(use.key);
}

void list_retry(const event_record& event, state_table& table) {
  if (has_key(event)) list_retry(event.private_part().retry_key(), table);
}

retry_places places_of_retries(const state_table& table) {
  const retry_queue& queue = load_queue(retry_memory(), table);
  return {queue.first(), queue.next()};
}

std::uint64_t count_kept_retries(const std::optional<std::string>& queue) {
  if (!queue) return 0;
  const auto read = parse_stored<retry_queue>(*queue);
  return read.next() - read.first();
}

void list_oldest_retries(const retry_places& queue, state_table& table) {
  retry_scratch& use = retry_memory();
  const std::uint64_t most = retries_ended_at_once * table.retries_wanted();
  const std::uint64_t end = std::min(queue.first + most, queue.next);
  for (std::uint64_t place = queue.first; place < end; ++place) {
    set_retry_place_key(use.key, place);
    table.want(use.key);
  }
}

void list_oldest_retries(state_table& table) {
  if (table.retries_wanted() > 0) list_oldest_retries(places_of_retries(table), table);
}

std::uint64_t retries_taken(const event_record& event, const retry_places& from) {
  const std::uint64_t most = std::min<std::uint64_t>(retries_ended_at_once, from.next - from.first);
  return std::min<std::uint64_t>(event.private_part().retries_ended(), most);
}

std::optional<retry_record> find_retry(const state_table& table, std::string_view key_hash,
                                       timestamp now) {
  retry_scratch& use = retry_memory();
  set_retry_key(use.key, key_hash);
  if (!load(use, table, use.record)) return std::nullopt;
  if (use.record.ends_at() <= to_micros(now)) return std::nullopt;
  return use.record;
}

std::uint32_t count_ended_retries(const state_table& table, timestamp now) {
  retry_scratch& use = retry_memory();
  const std::uint64_t first = load_queue(use, table).first();
  std::uint32_t ended = 0;
  for (; ended < retries_ended_at_once && first + ended < use.queue.next(); ++ended) {
    const found there = load_place(use, table, first + ended);
    if (there == found::not_named) break;
    if (there == found::something && use.place.ends_at() > to_micros(now)) break;
  }
  return ended;
}

void evolve_retries(const event_record& event, std::uint64_t sequence, state_table& table) {
  if (!has_key(event)) return;
  retry_scratch& use = retry_memory();
  const event_private& hidden = event.private_part();
  const retry_queue& queue = load_queue(use, table);
  const std::uint64_t taken = retries_taken(event, {queue.first(), queue.next()});
  for (std::uint64_t i = 0; i < taken; ++i) end_first(use, table);
  leave_place(use, table, hidden.retry_key());

  use.record.Clear();
  use.record.set_sequence(sequence);
  use.record.set_created_at(event.created_at());
  use.record.set_resource_owner(event.resource_owner());
  use.record.set_user_id(event.user_id());
  use.record.set_request(hidden.retry_request());
  use.record.set_ends_at(hidden.retry_ends_at());
  use.record.set_place(use.queue.next());
  set_retry_key(use.key, hidden.retry_key());
  put_record(use, use.record, table);

  use.place.set_key(hidden.retry_key());
  use.place.set_ends_at(hidden.retry_ends_at());
  set_retry_place_key(use.key, use.queue.next());
  put_record(use, use.place, table);

  use.queue.set_next(use.queue.next() + 1);
  set_retry_queue_key(use.key);
  put_record(use, use.queue, table);
}

}  // namespace factord::storage
