// The memtable under the real database, beside a database with RocksDB's own: the same writes must
// read the same in every way.
#include "storage/rocksdb/memtable/hash_memtable.hpp"

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <atomic>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "storage/model/keys.hpp"
#include "tests/unit/support/temp_directory.hpp"

namespace factord::storage::hash_memtable_test {
namespace {

struct database {
  explicit database(const std::string& path, bool hashed, bool by_user) {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.allow_concurrent_memtable_write = false;
    if (hashed) options.memtable_factory = hash_memtable_factory();
    if (hashed && by_user) options.prefix_extractor = text_before_zero();
    rocksdb::DB* opened = nullptr;
    if (!rocksdb::DB::Open(options, path, &opened).ok()) throw std::runtime_error{"no database"};
    db.reset(opened);
  }

  std::unique_ptr<rocksdb::DB> db;
};

/// A database with our memtable and one with a skip list, written alike.
class memtables : public ::testing::Test {
 protected:
  void open(bool by_user) {
    hashed_ = std::make_unique<database>(dir_.path() / "hashed", true, by_user);
    listed_ = std::make_unique<database>(dir_.path() / "listed", false, by_user);
  }
  rocksdb::DB& hashed() { return *hashed_->db; }
  rocksdb::DB& listed() { return *listed_->db; }

  void put(const std::string& key, const std::string& value) {
    for (rocksdb::DB* db : {&hashed(), &listed()}) ASSERT_TRUE(db->Put({}, key, value).ok());
  }
  void erase(const std::string& key) {
    for (rocksdb::DB* db : {&hashed(), &listed()}) ASSERT_TRUE(db->Delete({}, key).ok());
  }
  void flush() {
    for (rocksdb::DB* db : {&hashed(), &listed()}) ASSERT_TRUE(db->Flush({}).ok());
  }

  static std::string get(rocksdb::DB& db, const std::string& key,
                         const rocksdb::Snapshot* at = nullptr) {
    rocksdb::ReadOptions read;
    read.snapshot = at;
    std::string value;
    return db.Get(read, key, &value).ok() ? value : "nothing";
  }

  using pairs = std::vector<std::pair<std::string, std::string>>;

  static pairs walk(rocksdb::DB& db, bool forward, const rocksdb::Snapshot* at = nullptr) {
    rocksdb::ReadOptions read;
    read.total_order_seek = true;
    read.snapshot = at;
    const std::unique_ptr<rocksdb::Iterator> it{db.NewIterator(read)};
    pairs found;
    forward ? it->SeekToFirst() : it->SeekToLast();
    for (; it->Valid(); forward ? it->Next() : it->Prev()) {
      found.emplace_back(it->key().ToString(), it->value().ToString());
    }
    return found;
  }

  static std::string sought(rocksdb::DB& db, const std::string& key, bool backward) {
    rocksdb::ReadOptions read;
    read.total_order_seek = true;
    const std::unique_ptr<rocksdb::Iterator> it{db.NewIterator(read)};
    backward ? it->SeekForPrev(key) : it->Seek(key);
    return it->Valid() ? it->key().ToString() : "nothing";
  }

  void expect_the_same(const std::vector<std::string>& keys) {
    for (const std::string& key : keys) {
      EXPECT_EQ(get(hashed(), key), get(listed(), key)) << key;
      EXPECT_EQ(sought(hashed(), key, false), sought(listed(), key, false)) << key;
      EXPECT_EQ(sought(hashed(), key, true), sought(listed(), key, true)) << key;
    }
    EXPECT_EQ(walk(hashed(), true), walk(listed(), true));
    EXPECT_EQ(walk(hashed(), false), walk(listed(), false));
  }

  const temp_directory dir_;
  std::unique_ptr<database> hashed_;
  std::unique_ptr<database> listed_;
};

/// Some that begin alike, some that begin others, also with zeros, and some of eight bytes and
/// less.
std::vector<std::string> some_keys() {
  std::vector<std::string> keys{"", "u", "u1", std::string("u1\0", 3), "a", "\xFF"};
  for (const std::size_t size : {4U, 7U, 8U, 9U, 15U, 16U}) {
    keys.push_back(std::string("user-10000000000").substr(0, size));
    keys.push_back(keys.back() + std::string(2, '\0'));
  }
  for (int i = 0; i < 200; ++i) keys.push_back("user-1000000000" + std::to_string(i * 7919 % 1000));
  return keys;
}

TEST_F(memtables, an_empty_one_holds_nothing) {
  open(false);
  expect_the_same({"", "a"});
}

TEST_F(memtables, read_the_same_after_the_same_writes) {
  open(false);
  const auto keys = some_keys();
  std::mt19937 draw{7};
  for (int i = 0; i < 3000; ++i) {
    const std::string& key = keys[draw() % keys.size()];
    if (draw() % 3 == 0) {
      erase(key);
    } else {
      put(key, std::to_string(i));
    }
    if (i % 1000 == 500) expect_the_same(keys);
  }
  expect_the_same(keys);
  flush();
  expect_the_same(keys);
  put("after the flush", "1");
  expect_the_same(keys);
}

TEST_F(memtables, a_snapshot_sees_the_version_of_its_time) {
  open(false);
  put("key", "old");
  put("gone", "there");
  const rocksdb::Snapshot* const ours = hashed().GetSnapshot();
  put("key", "new");
  erase("gone");
  put("later", "1");
  EXPECT_EQ(get(hashed(), "key", ours), "old");
  EXPECT_EQ(get(hashed(), "key"), "new");
  EXPECT_EQ(get(hashed(), "gone", ours), "there");
  EXPECT_EQ(get(hashed(), "gone"), "nothing");
  EXPECT_EQ(walk(hashed(), true, ours), (pairs{{"gone", "there"}, {"key", "old"}}));
  EXPECT_EQ(walk(hashed(), false, ours), (pairs{{"key", "old"}, {"gone", "there"}}));
  hashed().ReleaseSnapshot(ours);
}

/// The sequences of a user's keys, as a reader of one user walks them.
std::vector<std::uint64_t> history(rocksdb::DB& db, const std::string& user, std::uint64_t after,
                                   bool forward) {
  std::string begin;
  set_user_event_key(begin, user, forward ? after : 0);
  std::string end;
  set_user_event_key(end, user, 1'000'000);
  const rocksdb::Slice lower{begin};
  const rocksdb::Slice upper{end};
  rocksdb::ReadOptions read;
  read.iterate_lower_bound = &lower;
  read.iterate_upper_bound = &upper;
  const std::unique_ptr<rocksdb::Iterator> it{db.NewIterator(read)};
  std::string last;
  set_user_event_key(last, user, after);
  std::vector<std::uint64_t> found;
  forward ? it->Seek(begin) : it->SeekForPrev(last);
  for (; it->Valid(); forward ? it->Next() : it->Prev()) {
    found.push_back(split_user_event_key(it->key().ToStringView()).sequence);
  }
  return found;
}

TEST_F(memtables, histories_of_users_read_the_same) {
  open(true);
  std::vector<std::string> users;
  for (int i = 0; i < 50; ++i) users.push_back("user-" + std::to_string(i));
  users.push_back("user-");
  users.push_back("x");
  std::mt19937 draw{11};
  std::string key;
  for (std::uint64_t sequence = 1; sequence <= 2000; ++sequence) {
    // The last two are never drawn: a user without events.
    set_user_event_key(key, users[draw() % (users.size() - 2)], sequence * 3);
    put(key, "");
    if (sequence == 700) flush();
  }
  for (const std::string& user : users) {
    for (const std::uint64_t after : {0U, 1U, 2000U, 2100U, 3001U, 5999U, 6001U}) {
      EXPECT_EQ(history(hashed(), user, after, true), history(listed(), user, after, true));
      EXPECT_EQ(history(hashed(), user, after, false), history(listed(), user, after, false));
    }
  }
  EXPECT_EQ(walk(hashed(), true), walk(listed(), true));
}

// RocksDB writes beside readers that hold no lock.
TEST_F(memtables, readers_beside_the_writer_see_whole_histories) {
  open(true);
  constexpr std::uint64_t count = 20'000;
  std::atomic<std::uint64_t> written{0};
  std::atomic<int> wrong{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([this, &written, &wrong] {
      while (written.load() < count) {
        const std::uint64_t before = written.load();
        const auto seen = history(hashed(), "ada", 0, true);
        if (seen.size() < before) ++wrong;
        for (std::size_t at = 0; at < seen.size(); ++at) {
          if (seen[at] != at + 1) ++wrong;
        }
        const auto back = history(hashed(), "ada", before, false);
        if (back.size() != before) ++wrong;
      }
    });
  }
  std::string key;
  for (std::uint64_t sequence = 1; sequence <= count; ++sequence) {
    set_user_event_key(key, "ada", sequence);
    ASSERT_TRUE(hashed().Put({}, key, "").ok());
    written.store(sequence);
  }
  for (std::thread& one : readers) one.join();
  EXPECT_EQ(wrong.load(), 0);
}

}  // namespace
}  // namespace factord::storage::hash_memtable_test
