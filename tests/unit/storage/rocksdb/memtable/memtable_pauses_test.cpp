// The moments that other threads rarely meet: storage/rocksdb/memtable/hash_memtable.cpp is
// compiled into this suite once more, with places where its writer and its walks can be held.
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "storage/rocksdb/memtable/hash_memtable.hpp"
#include "tests/unit/support/temp_directory.hpp"

namespace factord::storage {
namespace {

/// A place where the next thread that comes by is held, once that is asked for.
class barrier {
 public:
  void close() {
    const std::lock_guard lock{mutex_};
    state_ = state::closed;
  }
  void pass() {
    std::unique_lock lock{mutex_};
    if (state_ != state::closed) return;
    state_ = state::holds;
    changed_.notify_all();
    changed_.wait(lock, [this] { return state_ == state::open; });
  }
  /// Until somebody is held.
  void await() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return state_ == state::holds; });
  }
  void open() {
    const std::lock_guard lock{mutex_};
    state_ = state::open;
    changed_.notify_all();
  }

 private:
  enum class state { open, closed, holds };
  std::mutex mutex_;
  std::condition_variable changed_;
  state state_ = state::open;
};

barrier in_insert;
barrier half_way;        // of a walk over the buckets
std::size_t buckets_of;  // set before anybody is held half way

}  // namespace

void pause_in_insert() { in_insert.pass(); }

void pause_in_walk(std::size_t bucket, std::size_t buckets) {
  if (bucket != buckets / 2) return;
  buckets_of = buckets;
  half_way.pass();
}

namespace {

/// A key that a walk meets before it is half way, or behind that.
std::string key_in(bool first_half) {
  for (int i = 0;; ++i) {
    std::string key = "key " + std::to_string(i);
    const std::size_t bucket = std::hash<std::string_view>{}(key) % buckets_of;
    if ((bucket < buckets_of / 2) == first_half) return key;
  }
}

class memtable_pauses : public ::testing::Test {
 protected:
  memtable_pauses() {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.allow_concurrent_memtable_write = false;
    options.memtable_factory = hash_memtable_factory();
    rocksdb::DB* opened = nullptr;
    const auto made = rocksdb::DB::Open(options, dir_.path().string(), &opened);
    if (!made.ok()) throw std::runtime_error{made.ToString()};
    db_.reset(opened);
  }

  void put(const std::string& key) { ASSERT_TRUE(db_->Put({}, key, "").ok()); }

  std::vector<std::string> walk() {
    const std::unique_ptr<rocksdb::Iterator> at{db_->NewIterator({})};
    std::vector<std::string> keys;
    for (at->SeekToFirst(); at->Valid(); at->Next()) keys.push_back(at->key().ToString());
    return keys;
  }

  const temp_directory dir_;
  std::unique_ptr<rocksdb::DB> db_;
};

// What a walk collects while others write may be as many entries as there are, and yet not these.
TEST_F(memtable_pauses, a_walk_does_not_take_for_the_newest_what_lacks_a_written_entry) {
  put("a");
  half_way.close();
  std::thread walker{[this] { walk(); }};
  half_way.await();
  const std::string missed = key_in(true);  // the walker is past it
  const std::string met = key_in(false);
  put(missed);
  in_insert.close();
  std::thread writer{[this, &met] { put(met); }};
  in_insert.await();
  half_way.open();
  walker.join();

  EXPECT_EQ(walk(), (std::vector<std::string>{"a", missed}));
  in_insert.open();
  writer.join();
  std::vector<std::string> all{missed, met};
  std::ranges::sort(all);
  EXPECT_EQ(walk(), (std::vector<std::string>{"a", all[0], all[1]}));
}

}  // namespace
}  // namespace factord::storage
