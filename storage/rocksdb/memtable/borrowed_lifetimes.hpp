#pragma once

#include <rocksdb/memtablerep.h>
#include <rocksdb/version.h>

#include <new>
#include <utility>

#include "storage/base/check.hpp"

/// Who frees what, where RocksDB's interface of a memtable does not let its implementation say so.
/// It is so in its source, and not in its documentation.
namespace factord::storage {

static_assert(ROCKSDB_MAJOR == 7 && ROCKSDB_MINOR == 8,
              "read MemTable::Get and MemTableRep::GetDynamicPrefixIterator of this RocksDB again");

/// RocksDB destroys an iterator made for an arena, but does not free it, and the arena's type is
/// not public: so the iterator frees itself, when the thread's next one ends.
class self_freeing : public rocksdb::MemTableRep::Iterator {
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

/// Lends an iterator to whoever asks for one next on this thread, and never frees it: the look-up
/// of the base class, which alone can read a look-up key. The loan must be taken (checked).
class loan {
 public:
  explicit loan(rocksdb::MemTableRep::Iterator& one) { lent_ = &one; }
  ~loan() { FACTORD_CHECK(lent_ == nullptr); }
  loan(const loan&) = delete;
  loan& operator=(const loan&) = delete;

  /// What this thread has been lent; null without that.
  [[nodiscard]] static rocksdb::MemTableRep::Iterator* take() noexcept {
    return std::exchange(lent_, nullptr);
  }

 private:
  inline static thread_local rocksdb::MemTableRep::Iterator* lent_ = nullptr;
};

}  // namespace factord::storage
