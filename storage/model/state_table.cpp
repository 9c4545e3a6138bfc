#include "storage/model/state_table.hpp"

#include <functional>

#include "storage/base/check.hpp"
#include "storage/model/keys.hpp"

namespace factord::storage {

namespace {

constexpr std::size_t first_index_size = 64;  // a power of two, as every later size

}  // namespace

void state_table::clear() {
  // Slot by slot: after one large batch the index is large, and small batches should not pay for
  // it.
  for (std::size_t i = 0; i < size_; ++i) index_[entries_[i].slot] = 0;
  size_ = 0;
  wants_last_events_ = false;
  retries_wanted_ = 0;
}

void state_table::want(std::string_view key) {
  const std::size_t before = size_;
  find_or_add(key);
  if (is_last_event_key(key)) wants_last_events_ = true;
  if (is_retry_key(key) && size_ != before) ++retries_wanted_;
}

std::optional<std::string_view> state_table::get(std::string_view key) const {
  FACTORD_CHECK(size_ != 0);
  const std::uint32_t named = index_[slot_of(key)];
  FACTORD_CHECK(named != 0);
  return record(named - 1);
}

void state_table::put(std::string_view key, std::string_view record) {
  FACTORD_CHECK(!is_last_event_key(key));
  entry& target = find_or_add(key);
  target.record.assign(record);
  target.present = true;
  target.changed = true;
}

void state_table::erase(std::string_view key) {
  FACTORD_CHECK(!is_last_event_key(key));
  entry& target = find_or_add(key);
  target.present = false;
  target.changed = true;
}

void state_table::follow(std::string_view last_event_key, std::uint64_t sequence) {
  const auto wanted = find(last_event_key);
  if (!wanted) return;
  entry& target = entries_[*wanted];
  set_event_key(target.record, sequence);
  target.present = true;
}

std::optional<std::size_t> state_table::find(std::string_view key) const {
  if (size_ == 0) return std::nullopt;
  const std::uint32_t named = index_[slot_of(key)];
  if (named == 0) return std::nullopt;
  return named - 1;
}

void state_table::set_loaded(std::size_t index, std::optional<std::string_view> record) {
  FACTORD_CHECK(index < size_);
  entry& target = entries_[index];
  FACTORD_CHECK(!target.changed);
  target.present = record.has_value();
  target.was_there = target.present;
  if (record) target.record.assign(*record);
}

std::optional<std::string_view> state_table::record(std::size_t index) const {
  FACTORD_CHECK(index < size_);
  const entry& source = entries_[index];
  if (!source.present) return std::nullopt;
  return source.record;
}

/// The slot that names the key, or the empty one where it belongs. Needs an index with room.
std::size_t state_table::slot_of(std::string_view key) const {
  const std::size_t mask = index_.size() - 1;
  std::size_t slot = std::hash<std::string_view>{}(key)&mask;
  while (index_[slot] != 0 && entries_[index_[slot] - 1].key != key) slot = (slot + 1) & mask;
  return slot;
}

state_table::entry& state_table::find_or_add(std::string_view key) {
  if ((size_ + 1) * 2 > index_.size()) grow_index();
  const std::size_t slot = slot_of(key);
  if (index_[slot] != 0) return entries_[index_[slot] - 1];

  if (size_ == entries_.size()) entries_.emplace_back();
  entry& added = entries_[size_];
  added.key.assign(key);
  added.slot = slot;
  added.present = false;
  added.changed = false;
  added.was_there.reset();
  index_[slot] = static_cast<std::uint32_t>(++size_);
  return added;
}

void state_table::grow_index() {
  index_.assign(index_.empty() ? first_index_size : index_.size() * 2, 0);
  for (std::size_t i = 0; i < size_; ++i) {
    entries_[i].slot = slot_of(entries_[i].key);
    index_[entries_[i].slot] = static_cast<std::uint32_t>(i + 1);
  }
}

}  // namespace factord::storage
