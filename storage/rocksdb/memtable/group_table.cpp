#include "storage/rocksdb/memtable/group_table.hpp"

#include <functional>
#include <new>
#include <utility>

#include "storage/base/check.hpp"

namespace factord::storage {

// Where a test holds the writer and the walk, to see what others see meanwhile: it defines these,
// and compiles this file again.
#ifdef FACTORD_MEMTABLE_PAUSES
void pause_in_insert();
void pause_in_walk(std::size_t bucket, std::size_t buckets);
#else
constexpr void pause_in_insert() {}
constexpr void pause_in_walk(std::size_t /*bucket*/, std::size_t /*buckets*/) {}
#endif

namespace {

// About as many as a memtable of 64 MiB holds entries of ours: 1 MiB of pointers.
constexpr std::size_t bucket_count = std::size_t{1} << 17U;

/// Of a hash, by its high bits: the low ones chose the bucket.
std::uint16_t filter_bit(std::uint64_t hash) {
  return static_cast<std::uint16_t>(1U << (hash >> 60U));
}

}  // namespace

group_table::group_table(const KeyComparator& compare, rocksdb::Allocator* memory,
                         const rocksdb::SliceTransform* prefix)
    : MemTableRep(memory),
      compare_(compare),
      prefix_(prefix),
      buckets_(bucket_count),
      filters_(bucket_count) {}

rocksdb::KeyHandle group_table::Allocate(std::size_t size, char** data) {
  entry* const made = new (allocate(sizeof(entry) + size, alignof(entry))) entry;
  *data = made->data();
  return made;
}

std::size_t group_table::ApproximateMemoryUsage() {
  return bucket_count * (sizeof(bucket) + sizeof(filter));
}

std::string_view group_table::group_key(std::string_view user_key) const {
  return prefix_ == nullptr ? user_key
                            : view(prefix_->Transform({user_key.data(), user_key.size()}));
}

std::string_view group_table::user_key(entry& of) const { return view(UserKey(of.data())); }

/// The arena gives bytes of no alignment, freed with the memtable.
void* group_table::allocate(std::size_t size, std::size_t alignment) {
  char* memory = nullptr;
  (void)MemTableRep::Allocate(size + alignment - 1, &memory);
  void* aligned = memory;
  std::size_t space = size + alignment - 1;
  return std::align(alignment, size, aligned, space);
}

group* group_table::find_hashed(std::size_t hash, std::string_view key) const {
  const std::size_t home = hash % bucket_count;
  if ((filters_[home].load(std::memory_order_acquire) & filter_bit(hash)) == 0) return nullptr;
  group* at = buckets_[home].load(std::memory_order_acquire);
  while (at != nullptr && (at->hash != hash || group_key(user_key(*at->oldest)) != key))
    at = at->next;
  return at;
}

group* group_table::find(std::string_view user_key) const {
  const std::string_view key = group_key(user_key);
  return find_hashed(std::hash<std::string_view>{}(key), key);
}

/// Counts before it links: so whoever sees n entries counted, and holds n that were linked, holds
/// exactly the first n that were inserted, and with them all that were when he looked (sorted()).
/// The other way round he may hold one that is linked and not counted in place of one that is both.
void group_table::Insert(rocksdb::KeyHandle handle) {
  // The links are published by release stores, so who sees one sees this as well.
  size_.store(size_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  pause_in_insert();
  entry& added = *static_cast<entry*>(handle);
  const std::string_view key = group_key(user_key(added));
  const std::size_t hash = std::hash<std::string_view>{}(key);
  if (group* const old = find_hashed(hash, key)) {
    entry* const before = old->newest.load(std::memory_order_relaxed);
    FACTORD_CHECK((compare_(before->data(), added.data()) < 0) == newest_is_last());
    added.older = before;
    before->newer.store(&added, std::memory_order_release);
    old->newest.store(&added, std::memory_order_release);
  } else {
    bucket& home = buckets_[hash % bucket_count];
    auto* const made = new (allocate(sizeof(group), alignof(group)))
        group{hash, home.load(std::memory_order_relaxed), &added, &added};
    home.store(made, std::memory_order_release);
    filter& bits = filters_[hash % bucket_count];
    bits.store(bits.load(std::memory_order_relaxed) | filter_bit(hash), std::memory_order_release);
  }
}

bool group_table::Contains(const char* key) const {
  const group* const of = find(view(UserKey(key)));
  entry* at = of == nullptr ? nullptr : of->newest.load(std::memory_order_acquire);
  while (at != nullptr && compare_(at->data(), key) != 0) at = at->older;
  return at != nullptr;
}

sorted_keys group_table::collect(core_yielder& sharing) const {
  sorted_keys all;
  all.reserve(size_.load(std::memory_order_relaxed));
  for (std::size_t i = 0; i < bucket_count; ++i) {
    sharing.step();
    pause_in_walk(i, bucket_count);
    for (group* of = buckets_[i].load(std::memory_order_acquire); of != nullptr; of = of->next) {
      for (entry* at = of->newest.load(std::memory_order_acquire); at != nullptr; at = at->older) {
        all.push_back({0, at->data()});
      }
    }
  }
  return all;
}

std::shared_ptr<const sorted_keys> group_table::sorted() const {
  const std::lock_guard lock{sorting_};
  // What the caller must see was inserted before he was told of it, and is counted here.
  if (sorted_ != nullptr && sorted_->size() == size_.load(std::memory_order_relaxed)) {
    return sorted_;
  }
  core_yielder sharing{steps_a_turn};
  sorted_keys all = collect(sharing);
  sort_entries(all, compare_, sharing);
  sorted_ = std::make_shared<const sorted_keys>(std::move(all));
  return sorted_;
}

}  // namespace factord::storage
