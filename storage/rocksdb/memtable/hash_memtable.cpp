#include "storage/rocksdb/memtable/hash_memtable.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <new>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/base/check.hpp"
#include "storage/rocksdb/memtable/core_yielder.hpp"
#include "storage/rocksdb/memtable/memtable_sort.hpp"

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

using rocksdb::MemTableRep;
using rocksdb::Slice;

// About as many as a memtable of 64 MiB holds entries of ours: 1 MiB of pointers.
constexpr std::size_t bucket_count = std::size_t{1} << 17U;
// Of a walk over all buckets, and of the sort: 10 to 50 µs together.
constexpr std::uint32_t steps_a_turn = 1024;

/// Written by the writer before it is linked, constant afterwards but for `newer`.
struct entry {
  std::atomic<entry*> newer{nullptr};
  entry* older = nullptr;

  /// RocksDB's own encoding (internal key with its length, value), in the same piece of memory.
  [[nodiscard]] char* data() { return reinterpret_cast<char*>(this + 1); }
};

struct group {
  std::size_t hash;
  group* next;  ///< in the bucket
  entry* oldest;
  std::atomic<entry*> newest;
};

using bucket = std::atomic<group*>;

/// Which hashes a bucket may hold, by one of 16 bits each. Most look-ups and inserts are for what
/// is not there, and these 256 KiB stay in a core's cache, where groups and buckets do not.
using filter = std::atomic<std::uint16_t>;

/// Of a hash, by its high bits: the low ones chose the bucket.
std::uint16_t filter_bit(std::uint64_t hash) {
  return static_cast<std::uint16_t>(1U << (hash >> 60U));
}

using sorted_keys = std::vector<ranked_entry>;

std::string_view view(const Slice& bytes) { return {bytes.data(), bytes.size()}; }

class hash_memtable final : public MemTableRep {
 public:
  hash_memtable(const KeyComparator& compare, rocksdb::Allocator* memory,
                const rocksdb::SliceTransform* prefix)
      : MemTableRep(memory),
        compare_(compare),
        prefix_(prefix),
        buckets_(bucket_count),
        filters_(bucket_count) {}

  rocksdb::KeyHandle Allocate(std::size_t size, char** data) override {
    entry* const made = new (allocate(sizeof(entry) + size, alignof(entry))) entry;
    *data = made->data();
    return made;
  }

  void Insert(rocksdb::KeyHandle handle) override;
  void Get(const rocksdb::LookupKey& key, void* arguments,
           bool (*take)(void* arguments, const char* entry)) override;
  [[nodiscard]] bool Contains(const char* key) const override;
  [[nodiscard]] std::size_t ApproximateMemoryUsage() override {
    return bucket_count * (sizeof(bucket) + sizeof(filter));
  }
  [[nodiscard]] Iterator* GetIterator(rocksdb::Arena* arena) override;
  [[nodiscard]] Iterator* GetDynamicPrefixIterator(rocksdb::Arena* arena) override;

  /// The group that a user key belongs to, or null.
  [[nodiscard]] group* find(std::string_view user_key) const;

  [[nodiscard]] int compare(const char* key, const Slice& internal_key) const {
    return compare_(key, internal_key);
  }
  /// How a group is linked: versions of a key sort newest first, keys of a prefix oldest first.
  [[nodiscard]] bool newest_is_last() const noexcept { return prefix_ != nullptr; }

  /// All keys as of now. Any thread.
  [[nodiscard]] std::shared_ptr<const sorted_keys> sorted() const;

 private:
  [[nodiscard]] void* allocate(std::size_t size, std::size_t alignment);
  [[nodiscard]] std::string_view group_key(std::string_view user_key) const {
    return prefix_ == nullptr ? user_key
                              : view(prefix_->Transform({user_key.data(), user_key.size()}));
  }
  [[nodiscard]] std::string_view user_key(entry& of) const { return view(UserKey(of.data())); }
  [[nodiscard]] group* find_hashed(std::size_t hash, std::string_view key) const;
  [[nodiscard]] sorted_keys collect(core_yielder& sharing) const;

  const KeyComparator& compare_;
  const rocksdb::SliceTransform* const prefix_;
  std::vector<bucket> buckets_;
  std::vector<filter> filters_;       ///< one a bucket
  std::atomic<std::size_t> size_{0};  ///< of entries, including one that is being linked

  mutable std::mutex sorting_;
  mutable std::shared_ptr<const sorted_keys> sorted_;  ///< the newest; under sorting_
};

/// The arena gives bytes of no alignment, freed with the memtable.
void* hash_memtable::allocate(std::size_t size, std::size_t alignment) {
  char* memory = nullptr;
  (void)MemTableRep::Allocate(size + alignment - 1, &memory);
  void* aligned = memory;
  std::size_t space = size + alignment - 1;
  return std::align(alignment, size, aligned, space);
}

group* hash_memtable::find_hashed(std::size_t hash, std::string_view key) const {
  const std::size_t home = hash % bucket_count;
  if ((filters_[home].load(std::memory_order_acquire) & filter_bit(hash)) == 0) return nullptr;
  group* at = buckets_[home].load(std::memory_order_acquire);
  while (at != nullptr && (at->hash != hash || group_key(user_key(*at->oldest)) != key))
    at = at->next;
  return at;
}

group* hash_memtable::find(std::string_view user_key) const {
  const std::string_view key = group_key(user_key);
  return find_hashed(std::hash<std::string_view>{}(key), key);
}

/// Counts before it links: so whoever sees n entries counted, and holds n that were linked, holds
/// exactly the first n that were inserted, and with them all that were when he looked (sorted()).
/// The other way round he may hold one that is linked and not counted in place of one that is both.
void hash_memtable::Insert(rocksdb::KeyHandle handle) {
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

bool hash_memtable::Contains(const char* key) const {
  const group* const of = find(view(UserKey(key)));
  entry* at = of == nullptr ? nullptr : of->newest.load(std::memory_order_acquire);
  while (at != nullptr && compare_(at->data(), key) != 0) at = at->older;
  return at != nullptr;
}

sorted_keys hash_memtable::collect(core_yielder& sharing) const {
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

std::shared_ptr<const sorted_keys> hash_memtable::sorted() const {
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

/// RocksDB destroys an iterator made for an arena, but does not free it, and the arena's type is
/// not public: so the iterator frees itself, when the thread's next one ends.
class self_freeing : public MemTableRep::Iterator {
 public:
  explicit self_freeing(const rocksdb::Arena* arena) : frees_itself_(arena != nullptr) {}
  ~self_freeing() override {
    if (frees_itself_) retire(this);
  }
  self_freeing(const self_freeing&) = delete;
  self_freeing& operator=(const self_freeing&) = delete;

 private:
  static void retire(void* memory) {
    struct last_one {
      ~last_one() { ::operator delete(memory); }
      void* memory = nullptr;
    };
    thread_local last_one last;
    ::operator delete(std::exchange(last.memory, memory));
  }

  const bool frees_itself_;
};

/// Within the group of the last key that was sought.
class group_iterator final : public self_freeing {
 public:
  group_iterator(const hash_memtable& table, const rocksdb::Arena* arena)
      : self_freeing(arena), table_(table) {}

  [[nodiscard]] bool Valid() const override { return at_ != nullptr; }
  [[nodiscard]] const char* key() const override { return at_->data(); }
  void Next() override { at_ = table_.newest_is_last() ? newer() : at_->older; }
  void Prev() override { at_ = table_.newest_is_last() ? at_->older : newer(); }

  void Seek(const Slice& key, const char* /*the same, encoded*/) override {
    of_ = table_.find(view(key).substr(0, key.size() - internal_key_trailer));
    at_ = of_ == nullptr ? nullptr : newest();
    if (table_.newest_is_last()) {
      if (at_ == nullptr || table_.compare(at_->data(), key) < 0) {
        at_ = nullptr;
        return;
      }
      // A user may have any number of events; only who walks over them comes far.
      core_yielder sharing{steps_a_turn};
      while (at_->older != nullptr && table_.compare(at_->older->data(), key) >= 0) {
        at_ = at_->older;
        sharing.step();
      }
    } else {
      while (at_ != nullptr && table_.compare(at_->data(), key) < 0) at_ = at_->older;
    }
  }

  void SeekForPrev(const Slice& key, const char* encoded) override {
    Seek(key, encoded);
    if (at_ == nullptr) SeekToLast();
    while (at_ != nullptr && table_.compare(at_->data(), key) > 0) Prev();
  }

  void SeekToFirst() override { go_to_end(!table_.newest_is_last()); }
  void SeekToLast() override { go_to_end(table_.newest_is_last()); }

 private:
  [[nodiscard]] entry* newest() const { return of_->newest.load(std::memory_order_acquire); }
  [[nodiscard]] entry* newer() const { return at_->newer.load(std::memory_order_acquire); }
  void go_to_end(bool newest_end) {
    at_ = of_ == nullptr ? nullptr : newest_end ? newest() : of_->oldest;
  }

  const hash_memtable& table_;
  group* of_ = nullptr;
  entry* at_ = nullptr;
};

/// Over all keys. Sorts at the first move, and does not see what is written later.
class sorted_iterator final : public self_freeing {
 public:
  sorted_iterator(const hash_memtable& table, const rocksdb::Arena* arena)
      : self_freeing(arena), table_(table) {}

  [[nodiscard]] bool Valid() const override { return keys_ != nullptr && at_ < keys_->size(); }
  [[nodiscard]] const char* key() const override { return (*keys_)[at_].entry; }
  void Next() override { prefetch_ahead(*keys_, ++at_); }
  void Prev() override { at_ = at_ == 0 ? keys_->size() : at_ - 1; }

  void Seek(const Slice& key, const char* /*the same, encoded*/) override {
    at_ = position(
        [this, &key](const ranked_entry& one) { return table_.compare(one.entry, key) < 0; });
  }

  void SeekForPrev(const Slice& key, const char* /*the same, encoded*/) override {
    at_ = position(
        [this, &key](const ranked_entry& one) { return table_.compare(one.entry, key) <= 0; });
    Prev();
  }

  void SeekToFirst() override {
    at_ = position([](const ranked_entry&) { return false; });
  }
  void SeekToLast() override {
    at_ = position([](const ranked_entry&) { return true; });
    Prev();
  }

 private:
  /// Of the first key for which `before` does not hold.
  template <class Before>
  std::size_t position(Before before) {
    if (keys_ == nullptr) keys_ = table_.sorted();
    return static_cast<std::size_t>(std::ranges::partition_point(*keys_, before) - keys_->begin());
  }

  const hash_memtable& table_;
  std::shared_ptr<const sorted_keys> keys_;
  std::size_t at_ = 0;
};

MemTableRep::Iterator* hash_memtable::GetIterator(rocksdb::Arena* arena) {
  return new sorted_iterator(*this, arena);
}

/// What this thread's look-up gets instead of an iterator of its own.
thread_local group_iterator* lent = nullptr;

/// Only the base class can read a look-up key, but it never deletes the iterator that it asks for.
void hash_memtable::Get(const rocksdb::LookupKey& key, void* arguments,
                        bool (*take)(void* arguments, const char* entry)) {
  group_iterator iterator{*this, nullptr};
  lent = &iterator;
  MemTableRep::Get(key, arguments, take);
  FACTORD_CHECK(lent == nullptr);
}

MemTableRep::Iterator* hash_memtable::GetDynamicPrefixIterator(rocksdb::Arena* arena) {
  if (group_iterator* const borrowed = std::exchange(lent, nullptr)) return borrowed;
  return new group_iterator(*this, arena);
}

class factory final : public rocksdb::MemTableRepFactory {
 public:
  using MemTableRepFactory::CreateMemTableRep;
  MemTableRep* CreateMemTableRep(const MemTableRep::KeyComparator& compare,
                                 rocksdb::Allocator* memory, const rocksdb::SliceTransform* prefix,
                                 rocksdb::Logger* /*log*/) override {
    return new hash_memtable(compare, memory, prefix);
  }
  [[nodiscard]] const char* Name() const override { return "factord.hash_memtable"; }
};

class before_zero final : public rocksdb::SliceTransform {
 public:
  [[nodiscard]] const char* Name() const override { return "factord.text_before_zero"; }
  [[nodiscard]] Slice Transform(const Slice& key) const override {
    return {key.data(), std::min(view(key).find('\0'), key.size())};
  }
  [[nodiscard]] bool InDomain(const Slice& /*key*/) const override { return true; }
};

}  // namespace

std::shared_ptr<rocksdb::MemTableRepFactory> hash_memtable_factory() {
  return std::make_shared<factory>();
}

std::shared_ptr<const rocksdb::SliceTransform> text_before_zero() {
  return std::make_shared<before_zero>();
}

}  // namespace factord::storage
