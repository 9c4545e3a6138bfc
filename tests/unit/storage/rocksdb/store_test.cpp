#include "storage/rocksdb/store.hpp"

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/unit/storage/commit/commands.hpp"
#include "tests/unit/storage/engine/engines.hpp"
#include "tests/unit/storage/rocksdb/files.hpp"
#include "tests/unit/storage/rocksdb/raw_store.hpp"

namespace factord::storage::rocksdb_store_test {
namespace {

namespace fs = std::filesystem;

using testing::append_all;
using testing::contents_of;
using testing::human_added;
using testing::raw_store;
using testing::store_on_disk;
using testing::touch;

std::uint64_t last_sequence(const log_source& store) {
  return testing::read<events_answer>([&](auto done) { store.read_events(0, 0, std::move(done)); })
      .head.sequence;
}

TEST(store, is_what_it_was_when_it_is_opened_again) {
  store_on_disk store;
  const std::string id = store.get().store_id();
  EXPECT_EQ(id.size(), 32U);
  ASSERT_TRUE(append_all(store.get(), {human_added("1"), human_added("2")}, from_micros(777)));
  const auto states = testing::all_states(store.get());
  state_table nothing;
  const log_head head = store.get().load(nothing).value();

  ASSERT_FALSE(store.open());
  EXPECT_EQ(store.get().store_id(), id);
  EXPECT_EQ(testing::all_states(store.get()), states);
  const log_head again = store.get().load(nothing).value();
  EXPECT_EQ(again.sequence, 2U);
  EXPECT_EQ(again.hash, head.hash);
  EXPECT_EQ(again.created_at, from_micros(777));
}

TEST(store, a_compacted_one_owes_no_work) {
  store_on_disk store;
  ASSERT_TRUE(append_all(store.get(), {human_added("1")}));
  ASSERT_FALSE(store.open());  // what is in the log becomes a file of each family
  ASSERT_TRUE(append_all(store.get(), {human_added("2")}));
  ASSERT_TRUE(store.get().compact());
  store.close();
  raw_store raw{store.files()};
  for (const auto family : {raw_store::states, raw_store::events, raw_store::index_of_users}) {
    EXPECT_EQ(raw.files_at_level_0(family), 0U) << family;
  }
}

TEST(store, two_stores_have_two_ids) {
  store_on_disk one;
  store_on_disk other;
  EXPECT_NE(one.get().store_id(), other.get().store_id());
}

TEST(store, remembers_the_durability_of_its_last_open) {
  store_on_disk store{durability::disk};
  const auto noted = [&store] {
    const auto found = testing::read<states_answer>([&](auto done) {
      const std::vector<std::string> keys{"mdurability"};
      store.get().read_states(keys, std::move(done));
    });
    return found.records[0].value_or("nothing");
  };
  EXPECT_EQ(noted(), "disk");
  store.options.mode = durability::process;
  ASSERT_FALSE(store.open());
  EXPECT_EQ(noted(), "process");
}

TEST(store, writes_no_log_file_of_rocksdb) {
  store_on_disk store;
  store.close();
  for (const auto& entry : fs::directory_iterator{store.files()}) {
    EXPECT_FALSE(entry.path().filename().string().starts_with("LOG")) << entry.path();
  }
}

TEST(store, one_that_a_crash_left_unfinished_is_finished) {
  // With all families and without the first batch, or with none but the one that RocksDB makes.
  for (const bool with_families : {true, false}) {
    const temp_directory dir;
    const std::string files = (dir.path() / "store").string();
    fs::create_directory(files);
    if (with_families) {
      const raw_store made{files};
    } else {
      rocksdb::Options options;
      options.create_if_missing = true;
      rocksdb::DB* made = nullptr;
      ASSERT_TRUE(rocksdb::DB::Open(options, files, &made).ok());
      delete made;
    }
    auto lock = directory_lock::take(dir.path());
    ASSERT_TRUE(lock);
    EXPECT_EQ(open_store_read_only(dir.path(), *lock, {}).error().code, errc::store_missing);
    const auto store = open_store(dir.path(), *lock, {});
    ASSERT_TRUE(store) << store.error().message;
    EXPECT_FALSE((*store)->store_id().empty());
  }
}

/// A store whose DIR was moved away while it was open, and what is in its place by now.
class moved_store {
 public:
  explicit moved_store(std::chrono::milliseconds path_interval) {
    store_.options.path_interval = path_interval;
    if (const auto failure = store_.open()) throw std::runtime_error{failure->message};
    if (!append_all(store_.get(), {human_added("1")})) throw std::runtime_error{"no event"};
    // One that looks like it, file by file.
    fs::copy(store_.dir(), other_.path() / "copy", fs::copy_options::recursive);
    fs::rename(store_.dir(), moved());
    fs::rename(other_.path() / "copy", store_.dir());
    before_ = contents_of(store_.dir());
  }

  [[nodiscard]] store_on_disk& get() { return store_; }
  [[nodiscard]] fs::path moved() const { return other_.path() / "moved"; }
  [[nodiscard]] bool other_is_untouched() const { return contents_of(store_.dir()) == before_; }

 private:
  const temp_directory other_;
  store_on_disk store_;
  std::map<std::string, std::string> before_;
};

TEST(store, whose_directory_is_moved_goes_on_in_that) {
  moved_store store{std::chrono::hours{1}};
  EXPECT_TRUE(append_all(store.get().get(), {human_added("2"), human_added("3")}));
  EXPECT_TRUE(store.get().get().compact()) << "flushes, and deletes logs";
  store.get().close();
  EXPECT_TRUE(store.other_is_untouched());
  const auto lock = directory_lock::take(store.moved());
  ASSERT_TRUE(lock);
  const auto found = open_store(store.moved(), *lock, {});
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(last_sequence(**found), 3U);
}

TEST(store, whose_path_leads_elsewhere_has_failed) {
  std::promise<error> told;
  moved_store store{std::chrono::milliseconds{1}};
  store.get().get().on_background_failure([&](const error& failure) { told.set_value(failure); });
  const error failure = told.get_future().get();
  EXPECT_EQ(failure.code, errc::io_error);
  EXPECT_TRUE(failure.message.starts_with(store.get().dir().string())) << failure.message;
  state_table nothing;
  EXPECT_EQ(store.get().get().load(nothing).error().code, errc::storage_failed);
  EXPECT_FALSE(append_all(store.get().get(), {human_added("2")}));
  store.get().close();
  EXPECT_TRUE(store.other_is_untouched());
}

TEST(store, a_lock_of_a_directory_that_was_moved_opens_nothing) {
  const temp_directory parent;
  const fs::path dir = parent.path() / "dir";
  fs::create_directory(dir);
  const auto lock = directory_lock::take(dir);
  ASSERT_TRUE(lock);
  fs::rename(dir, parent.path() / "moved");
  fs::create_directory(dir);
  EXPECT_EQ(open_store(dir, *lock, {}).error().code, errc::io_error);
  EXPECT_EQ(open_store_read_only(dir, *lock, {}).error().code, errc::io_error);
  EXPECT_TRUE(fs::is_empty(dir));
}

TEST(store, messages_name_its_path_and_not_how_it_is_reached) {
  store_on_disk store;
  ASSERT_TRUE(append_all(store.get(), {human_added("1")}));
  ASSERT_TRUE(store.get().compact());
  store.close();
  fs::path table;
  for (const auto& entry : fs::directory_iterator{store.files()}) {
    if (entry.path().extension() == ".sst") table = entry.path();
  }
  fs::resize_file(table, 1);
  const auto failure = store.open();
  ASSERT_TRUE(failure);
  EXPECT_NE(failure->message.find(table.string()), std::string::npos) << failure->message;
  EXPECT_EQ(failure->message.find("/proc/"), std::string::npos) << failure->message;
}

TEST(store, a_directory_without_one_has_none_to_read) {
  const temp_directory dir;
  auto lock = directory_lock::take(dir.path());
  ASSERT_TRUE(lock);
  EXPECT_EQ(open_store_read_only(dir.path(), *lock, {}).error().code, errc::store_missing);
  EXPECT_TRUE(fs::is_empty(dir.path()));
}

TEST(store, a_foreign_directory_is_refused_even_without_prepare) {
  const temp_directory dir;
  touch(dir.path() / "thesis.txt");
  auto lock = directory_lock::take(dir.path());
  ASSERT_TRUE(lock);
  EXPECT_EQ(open_store(dir.path(), *lock, {}).error().code, errc::not_a_store);
  EXPECT_FALSE(fs::exists(dir.path() / "store"));
}

TEST(store, reading_only_changes_no_file_and_takes_no_write) {
  store_on_disk store;
  ASSERT_TRUE(append_all(store.get(), {human_added("1"), human_added("2")}));
  store.close();
  const auto before = contents_of(store.dir());
  const auto failure = store.open_read_only();
  ASSERT_FALSE(failure) << failure->message;
  EXPECT_EQ(last_sequence(store.get()), 2U);
  EXPECT_EQ(testing::all_states(store.get()).size(), 4U);
  EXPECT_EQ(append_all(store.get(), {human_added("3")}).error().code, errc::bad_argument);
  EXPECT_EQ(store.get().sync().error().code, errc::bad_argument);
  store.close();
  EXPECT_EQ(contents_of(store.dir()), before);
}

TEST(store, what_a_kill_leaves_can_be_read_only) {
  store_on_disk running;
  ASSERT_TRUE(append_all(running.get(), {human_added("1")}));
  // The files as they are while the store is open: a kill changes none of them.
  const temp_directory dir;
  fs::copy(running.files(), dir.path() / "store", fs::copy_options::recursive);
  const auto before = contents_of(dir.path());
  {
    auto lock = directory_lock::take(dir.path());
    ASSERT_TRUE(lock);
    auto store = open_store_read_only(dir.path(), *lock, {});
    ASSERT_TRUE(store) << store.error().message;
    EXPECT_EQ(last_sequence(**store), 1U);
  }
  EXPECT_EQ(contents_of(dir.path()), before);
}

}  // namespace
}  // namespace factord::storage::rocksdb_store_test
