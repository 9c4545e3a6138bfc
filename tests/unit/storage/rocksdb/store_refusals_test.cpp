// Stores that are not opened: of later versions and of other programs.
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "storage/rocksdb/store.hpp"
#include "tests/unit/storage/commit/commands.hpp"
#include "tests/unit/storage/engine/engines.hpp"
#include "tests/unit/storage/rocksdb/files.hpp"
#include "tests/unit/storage/rocksdb/raw_store.hpp"

namespace factord::storage::store_refusals_test {
namespace {

namespace fs = std::filesystem;

using testing::append_all;
using testing::contents_of;
using testing::human_added;
using testing::raw_store;
using testing::store_on_disk;

/// Half a batch at the end of the newest log, as a power cut leaves it.
void tear(const fs::path& store) {
  fs::path newest;
  for (const auto& entry : fs::directory_iterator{store}) {
    if (entry.path().extension() == ".log") newest = std::max(newest, entry.path());
  }
  ASSERT_FALSE(newest.empty());
  std::ofstream{newest, std::ios::binary | std::ios::app} << "no checksum is so";
}

/// What meta `format` of a store of a later version may say, and what is told of it.
struct later_layout {
  std::string format;
  errc code;
  std::string told;
};
const later_layout later_layouts[]{
    {"3", errc::wrong_format, "version 3"},
    {"2 outbox quotas", errc::wrong_format, "does not know 'outbox', 'quotas'"},
    {"1 outbox", errc::wrong_format, "does not know 'outbox'"},
    {"2 ", errc::corruption, "damaged"},
};

TEST(store, of_a_later_version_is_refused_unchanged) {
  // In the log, in a table, and in a log that ends torn.
  for (const later_layout& later : later_layouts) {
    for (const bool in_table : {false, true}) {
      store_on_disk store;
      ASSERT_TRUE(append_all(store.get(), {human_added("1")}));
      store.close();
      raw_store{store.files()}.put(raw_store::states, "mformat", later.format);
      if (in_table) const raw_store flushed{store.files()};
      tear(store.files());
      const auto before = contents_of(store.dir());
      for (const bool read_only : {false, true}) {
        const auto failure = read_only ? store.open_read_only() : store.open();
        ASSERT_TRUE(failure);
        EXPECT_EQ(failure->code, later.code) << failure->message;
        EXPECT_NE(failure->message.find(later.told), std::string::npos) << failure->message;
        EXPECT_NE(failure->message.find(store.dir().string()), std::string::npos)
            << failure->message;
        EXPECT_EQ(contents_of(store.dir()), before);
        if (!read_only) {
          EXPECT_TRUE(store.notices.empty()) << store.notices[0];
        }
      }
    }
  }
}

TEST(store, of_which_an_upgrade_from_a_later_version_has_begun_is_refused_unchanged) {
  for (const later_layout& later : later_layouts) {
    store_on_disk store;
    store.close();
    raw_store{store.files()}.put(raw_store::states, "mupgrade_from", later.format);
    const auto before = contents_of(store.dir());
    const auto failure = store.open();
    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->code, later.code);
    EXPECT_NE(failure->message.find(later.told), std::string::npos) << failure->message;
    EXPECT_EQ(contents_of(store.dir()), before);
  }
}

TEST(store, of_another_program_is_refused_unchanged) {
  // With our families or with RocksDB's alone; in the log or in a table.
  for (const bool our_families : {true, false}) {
    for (const bool in_table : {true, false}) {
      const temp_directory dir;
      const std::string files = (dir.path() / "store").string();
      if (our_families) {
        raw_store{files}.put(raw_store::events, "somebody's key", "value");
        if (in_table) const raw_store flushed{files};
      } else {
        rocksdb::Options options;
        options.create_if_missing = true;
        fs::create_directory(files);
        rocksdb::DB* opened = nullptr;
        ASSERT_TRUE(rocksdb::DB::Open(options, files, &opened).ok());
        const std::unique_ptr<rocksdb::DB> theirs{opened};
        ASSERT_TRUE(theirs->Put({}, "somebody's key", "value").ok());
        if (in_table) {
          ASSERT_TRUE(theirs->Flush({}).ok());
        }
      }
      tear(files);
      const auto before = contents_of(dir.path());
      auto lock = directory_lock::take(dir.path());
      ASSERT_TRUE(lock);
      const auto refused = open_store(dir.path(), *lock, {});
      ASSERT_FALSE(refused);
      EXPECT_EQ(refused.error().code, errc::not_a_store) << refused.error().message;
      EXPECT_EQ(contents_of(dir.path()), before);
    }
  }
}

TEST(store, another_format_version_is_refused_and_both_are_named) {
  store_on_disk store;
  store.close();
  raw_store{store.files()}.put(raw_store::states, "mformat", "3");
  for (const bool read_only : {false, true}) {
    const auto failure = read_only ? store.open_read_only() : store.open();
    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->code, errc::wrong_format);
    EXPECT_NE(failure->message.find("version 3"), std::string::npos) << failure->message;
    EXPECT_NE(failure->message.find("versions 1 to 2"), std::string::npos) << failure->message;
  }
}

TEST(store, a_database_of_another_program_is_refused) {
  const temp_directory dir;
  raw_store{dir.path() / "store"}.put(raw_store::states, "somebody's key", "value");
  auto lock = directory_lock::take(dir.path());
  ASSERT_TRUE(lock);
  EXPECT_EQ(open_store(dir.path(), *lock, {}).error().code, errc::not_a_store);
  EXPECT_EQ(open_store_read_only(dir.path(), *lock, {}).error().code, errc::not_a_store);
}

TEST(store, a_family_of_another_program_is_refused_and_named) {
  store_on_disk store;
  store.close();
  raw_store{store.files()}.add_family("theirs");
  tear(store.files());
  const auto before = contents_of(store.dir());
  const auto failure = store.open();
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->code, errc::wrong_format);
  EXPECT_NE(failure->message.find("theirs"), std::string::npos) << failure->message;
  EXPECT_EQ(contents_of(store.dir()), before);
}

}  // namespace
}  // namespace factord::storage::store_refusals_test
