#include "storage/rocksdb/memtable/memtable_sort.hpp"

#include <algorithm>
#include <functional>
#include <span>
#include <string_view>

namespace factord::storage {

namespace {

using KeyComparator = rocksdb::MemTableRep::KeyComparator;

constexpr std::size_t rank_bytes = sizeof(std::uint64_t);

std::string_view user_key(const char* entry, const KeyComparator& compare) {
  const rocksdb::Slice internal = compare.decode_key(entry);
  return {internal.data(), internal.size() - internal_key_trailer};
}

/// Eight bytes as a number that compares like them; what is missing counts as zeros.
std::uint64_t rank_of(std::string_view bytes) {
  std::uint64_t rank = 0;
  for (std::size_t i = 0; i < rank_bytes; ++i) {
    rank = rank << 8U | (i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U);
  }
  return rank;
}

/// Ranks by the eight bytes from `depth` on. False where a key ends within them, so that equal
/// ranks say nothing.
bool rank_from(std::span<ranked_entry> entries, std::size_t depth, const KeyComparator& compare,
               core_yielder& sharing) {
  bool whole = true;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    sharing.step();
    prefetch_ahead(entries, i);
    ranked_entry& one = entries[i];
    const std::string_view key = user_key(one.entry, compare);
    one.rank = rank_of(key.substr(std::min(depth, key.size())));
    whole = whole && key.size() >= depth + rank_bytes;
  }
  return whole;
}

/// What is equal up to `depth`.
void sort_from(std::span<ranked_entry> entries, std::size_t depth, const KeyComparator& compare,
               core_yielder& sharing) {
  if (!rank_from(entries, depth, compare, sharing)) {
    std::ranges::sort(entries, [&](const ranked_entry& a, const ranked_entry& b) {
      sharing.step();
      return a.rank != b.rank ? a.rank < b.rank : compare(a.entry, b.entry) < 0;
    });
    return;
  }
  std::ranges::sort(entries, [&sharing](const ranked_entry& a, const ranked_entry& b) {
    sharing.step();
    return a.rank < b.rank;
  });
  for (auto begin = entries.begin(); begin != entries.end();) {
    const auto end = std::find_if(
        begin, entries.end(), [rank = begin->rank](const auto& one) { return one.rank != rank; });
    if (end - begin > 1) sort_from({begin, end}, depth + rank_bytes, compare, sharing);
    begin = end;
  }
}

thread_local std::uint64_t sorts = 0;

}  // namespace

std::uint64_t sorts_of_this_thread() noexcept { return sorts; }

void sort_entries(std::vector<ranked_entry>& entries, const KeyComparator& compare,
                  core_yielder& sharing) {
  ++sorts;
  sort_from(entries, 0, compare, sharing);
}

}  // namespace factord::storage
