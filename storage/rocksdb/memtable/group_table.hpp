#pragma once

#include <rocksdb/memtablerep.h>
#include <rocksdb/slice_transform.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "storage/rocksdb/memtable/core_yielder.hpp"
#include "storage/rocksdb/memtable/memtable_sort.hpp"

namespace factord::storage {

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

/// Of a walk over all buckets or within a group, between two offers of the core: 10 to 50 µs.
inline constexpr std::uint32_t steps_a_turn = 1024;

[[nodiscard]] inline std::string_view view(const rocksdb::Slice& bytes) noexcept {
  return {bytes.data(), bytes.size()};
}

using sorted_keys = std::vector<ranked_entry>;

/// The entries of a memtable, in groups that are found by hash (hash_memtable.hpp says which): all
/// of a memtable but its iterators. One writer, any number of readers beside it.
class group_table : public rocksdb::MemTableRep {
 public:
  group_table(const KeyComparator& compare, rocksdb::Allocator* memory,
              const rocksdb::SliceTransform* prefix);

  rocksdb::KeyHandle Allocate(std::size_t size, char** data) override;
  void Insert(rocksdb::KeyHandle handle) override;
  [[nodiscard]] bool Contains(const char* key) const override;
  [[nodiscard]] std::size_t ApproximateMemoryUsage() override;

  /// The group that a user key belongs to, or null.
  [[nodiscard]] group* find(std::string_view user_key) const;

  [[nodiscard]] int compare(const char* key, const rocksdb::Slice& internal_key) const {
    return compare_(key, internal_key);
  }
  /// How a group is linked: versions of a key sort newest first, keys of a prefix oldest first.
  [[nodiscard]] bool newest_is_last() const noexcept { return prefix_ != nullptr; }

  /// All keys as of now. Any thread.
  [[nodiscard]] std::shared_ptr<const sorted_keys> sorted() const;

 private:
  using bucket = std::atomic<group*>;
  /// Which hashes a bucket may hold, by one of 16 bits each. Most look-ups and inserts are for what
  /// is not there, and these 256 KiB stay in a core's cache, where groups and buckets do not.
  using filter = std::atomic<std::uint16_t>;

  [[nodiscard]] void* allocate(std::size_t size, std::size_t alignment);
  [[nodiscard]] std::string_view group_key(std::string_view user_key) const;
  [[nodiscard]] std::string_view user_key(entry& of) const;
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

}  // namespace factord::storage
