// Backups on disk: made from an open store, listed, checked, read.
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <iterator>
#include <optional>
#include <thread>

#include "storage/audit/verify.hpp"
#include "storage/rocksdb/backup_directory.hpp"
#include "tests/unit/storage/backup/backup_fixture.hpp"

namespace factord::storage::testing::backup_test {
namespace {

namespace fs = std::filesystem;

TEST_F(backups, hold_the_store_as_it_was_when_they_began) {
  add(10);
  const auto states = all_states(store_.get());
  const log_head head = head_of(store_.get());
  const backup_entry made = back_up();
  add(5);

  EXPECT_EQ(made.id, 1U);
  EXPECT_FALSE(made.damaged);
  EXPECT_EQ(made.sequence, 11U);
  EXPECT_EQ(made.hash, head.hash);
  EXPECT_EQ(made.store_id, store_.get().store_id());
  EXPECT_GT(made.bytes, 0U);

  const backup_reader reader = read();
  ASSERT_EQ(reader.list().size(), 1U);
  EXPECT_EQ(reader.find({})->sequence, 11U);
  EXPECT_TRUE(reader.check_files(1));
  const auto copy = reader.open_store(made, {});
  ASSERT_TRUE(copy) << copy.error().message;
  EXPECT_EQ((*copy)->store_id(), made.store_id);
  EXPECT_EQ(head_of(**copy).hash, head.hash);
  EXPECT_EQ(all_states(**copy), states);
}

TEST_F(backups, into_a_directory_that_is_replaced_meanwhile_leave_the_other_alone) {
  (void)back_up();
  const fs::path moved = parent_.path() / "moved";
  const auto made = store_.get().back_up(dest_, [&](std::uint64_t, std::uint64_t) {
    if (fs::exists(moved)) return true;
    fs::rename(dest_, moved);
    // What the next backup would clean up in a directory that is its own.
    fs::create_directories(dest_ / "private/2.tmp");
    return true;
  });
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find(dest_.string() + " is not the directory in use"),
            std::string::npos)
      << made.error().message;
  EXPECT_EQ(names_in(dest_), std::set<std::string>{"private"});
  EXPECT_EQ(names_in(dest_ / "private"), std::set<std::string>{"2.tmp"});
  const auto elsewhere = backup_reader::open(moved);
  ASSERT_TRUE(elsewhere);
  EXPECT_TRUE(elsewhere->check_files(1));
}

// A drain does not wait for the thread that makes one before it stops the store.
TEST_F(backups, of_a_store_that_was_told_to_stop) {
  add(10);
  store_.get().stop();
  const backup_entry made = back_up();
  EXPECT_EQ(made.sequence, 11U);
  EXPECT_TRUE(read().open_store(made, {}));
}

TEST_F(backups, of_an_empty_store) {
  store_on_disk empty;
  const auto made = empty.get().back_up(dest_, go_on);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->sequence, 0U);
  EXPECT_TRUE(read().open_store(*made, {}));
}

TEST_F(backups, copy_only_what_is_new) {
  add(2'000);
  reopen();
  const backup_entry first = back_up();
  const auto tables = names_in(dest_ / "shared_checksum");
  EXPECT_FALSE(tables.empty());
  add(1);
  std::uint64_t expected = 1;
  const auto second = store_.get().back_up(dest_, [&](std::uint64_t copied, std::uint64_t total) {
    if (copied == 0) expected = total;
    return true;
  });
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(expected, 0U) << "no table is new";
  EXPECT_EQ(second->id, 2U);
  EXPECT_EQ(names_in(dest_ / "shared_checksum"), tables);
  EXPECT_EQ(second->sequence, first.sequence + 1);

  // Each is whole for itself.
  const backup_reader reader = read();
  for (const backup_entry& entry : reader.list()) {
    EXPECT_TRUE(reader.check_files(entry.id));
    const auto copy = reader.open_store(entry, {});
    ASSERT_TRUE(copy) << copy.error().message;
    EXPECT_EQ(head_of(**copy).hash, entry.hash);
  }
}

TEST_F(backups, are_the_owners_alone_and_write_no_log_file) {
  const mode_t before = ::umask(077);
  (void)back_up();
  ::umask(before);
  struct stat status {};
  ASSERT_EQ(::stat(dest_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
  for (const auto& entry : fs::recursive_directory_iterator{dest_}) {
    ASSERT_EQ(::stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 077U, 0U) << entry.path();
    EXPECT_FALSE(entry.path().filename().string().starts_with("LOG")) << entry.path();
  }
}

TEST_F(backups, copy_the_log_as_it_was_written_and_no_zeros) {
  (void)back_up();
  int logs = 0;
  for (const auto& entry : fs::directory_iterator{dest_ / "private" / "1"}) {
    if (entry.path().extension() != ".log") continue;
    ++logs;
    std::ifstream in{entry.path(), std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{in}, {}};
    ASSERT_FALSE(bytes.empty());
    EXPECT_EQ(bytes.find(std::string(64, '\0')), std::string::npos);
    EXPECT_LT(bytes.size(), 4'096U);
  }
  EXPECT_EQ(logs, 1);
}

TEST_F(backups, made_while_others_write_hold_all_that_was_done_before) {
  for (const durability mode : {durability::disk, durability::process}) {
    store_.options.mode = mode;
    reopen();
    for (int round = 0; round < 5; ++round) {
      std::atomic<bool> stop = false;
      std::thread writer{[&] {
        for (int batch = 0; batch < 500 && !stop; ++batch) add(3);
      }};
      const log_head before = head_of(store_.get());
      const backup_entry made = back_up();
      stop = true;
      writer.join();
      EXPECT_GE(made.sequence, before.sequence);
      const backup_reader reader = read();
      const auto copy = reader.open_store(made, {});
      ASSERT_TRUE(copy) << copy.error().message;
      const auto report = verify(**copy, [](std::string_view, std::uint64_t, std::uint64_t) {});
      ASSERT_TRUE(report);
      EXPECT_EQ(report->problems, std::vector<std::string>{});
      EXPECT_GE(report->head.sequence, made.sequence);
    }
  }
}

TEST_F(backups, find_by_id_or_the_newest) {
  (void)back_up();
  (void)back_up();
  const backup_reader reader = read();
  EXPECT_EQ(reader.find({})->id, 2U);
  EXPECT_EQ(reader.find(1)->id, 1U);
  EXPECT_EQ(reader.find(3).error().code, errc::bad_argument);
}

TEST_F(backups, one_that_is_told_to_end_leaves_nothing) {
  (void)back_up();
  const auto ended =
      store_.get().back_up(dest_, [](std::uint64_t, std::uint64_t) { return false; });
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, errc::unavailable);
  EXPECT_EQ(read().list().size(), 1U);
  EXPECT_EQ(names_in(dest_ / "private"), std::set<std::string>{"1"});
}

TEST_F(backups, one_directory_is_of_one_store) {
  (void)back_up();
  store_on_disk other;
  const auto made = other.get().back_up(dest_, go_on);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, errc::bad_argument);
  EXPECT_NE(made.error().message.find(store_.get().store_id()), std::string::npos);
}

TEST_F(backups, a_directory_in_use_is_refused) {
  (void)back_up();
  const auto held = backup_directory::find(dest_);
  ASSERT_TRUE(held);
  EXPECT_EQ(store_.get().back_up(dest_, go_on).error().code, errc::store_locked);
  EXPECT_EQ(backup_reader::open(dest_).error().code, errc::store_locked);
}

TEST_F(backups, places_that_are_refused) {
  const auto code_for = [this](const fs::path& path) {
    const auto made = store_.get().back_up(path, go_on);
    return made ? std::optional<errc>{} : made.error().code;
  };
  EXPECT_EQ(code_for(store_.dir()), errc::bad_argument);
  EXPECT_EQ(code_for(store_.dir() / "backups"), errc::bad_argument);
  EXPECT_EQ(code_for(store_.files() / "backups"), errc::bad_argument);
  EXPECT_EQ(code_for(store_.dir().parent_path()), errc::bad_argument);
  fs::create_symlink(store_.dir(), parent_.path() / "link");
  EXPECT_EQ(code_for(parent_.path() / "link" / "backups"), errc::bad_argument);
  EXPECT_EQ(code_for(parent_.path() / "no" / "parent"), errc::io_error);

  std::ofstream{parent_.path() / "file"} << "something";
  EXPECT_EQ(code_for(parent_.path() / "file"), errc::io_error);
  EXPECT_EQ(code_for(parent_.path()), errc::not_a_store) << "it holds other things";
  EXPECT_FALSE(fs::exists(parent_.path() / "meta"));
  EXPECT_EQ(names_in(store_.dir()), std::set<std::string>{"store"});
}

TEST_F(backups, there_must_be_some_to_read) {
  EXPECT_EQ(backup_reader::open(dest_).error().code, errc::store_missing);
  fs::create_directory(dest_);
  EXPECT_EQ(backup_reader::open(dest_).error().code, errc::store_missing);
  std::ofstream{dest_ / "thesis.txt"} << "something";
  EXPECT_EQ(backup_reader::open(dest_).error().code, errc::not_a_store);
}

}  // namespace
}  // namespace factord::storage::testing::backup_test
