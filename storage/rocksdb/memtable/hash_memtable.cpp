#include "storage/rocksdb/memtable/hash_memtable.hpp"

#include <algorithm>
#include <memory>
#include <string_view>

#include "storage/rocksdb/memtable/borrowed_lifetimes.hpp"
#include "storage/rocksdb/memtable/group_table.hpp"

namespace factord::storage {
namespace {

using rocksdb::MemTableRep;
using rocksdb::Slice;

/// Within the group of the last key that was sought.
class group_iterator final : public self_freeing {
 public:
  group_iterator(const group_table& table, const rocksdb::Arena* arena)
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

  const group_table& table_;
  group* of_ = nullptr;
  entry* at_ = nullptr;
};

/// Over all keys. Sorts at the first move, and does not see what is written later.
class sorted_iterator final : public self_freeing {
 public:
  sorted_iterator(const group_table& table, const rocksdb::Arena* arena)
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

  const group_table& table_;
  std::shared_ptr<const sorted_keys> keys_;
  std::size_t at_ = 0;
};

class hash_memtable final : public group_table {
 public:
  using group_table::group_table;

  [[nodiscard]] Iterator* GetIterator(rocksdb::Arena* arena) override {
    return new sorted_iterator(*this, arena);
  }
  [[nodiscard]] Iterator* GetDynamicPrefixIterator(rocksdb::Arena* arena) override {
    if (Iterator* const lent = loan::take()) return lent;
    return new group_iterator(*this, arena);
  }
  // The base class asks for an iterator that it never deletes.
  void Get(const rocksdb::LookupKey& key, void* arguments,
           bool (*take)(void* arguments, const char* entry)) override {
    group_iterator iterator{*this, nullptr};
    const loan lent{iterator};
    MemTableRep::Get(key, arguments, take);
  }
};

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
