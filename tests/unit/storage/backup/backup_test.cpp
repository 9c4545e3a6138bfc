// Backups on disk: made from an open store, listed, checked, read.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <thread>

#include "storage/audit/verify.hpp"
#include "storage/backup/backup_reader.hpp"
#include "storage/rocksdb/backup_directory.hpp"
#include "tests/unit/storage/commit/commands.hpp"
#include "tests/unit/storage/engine/engines.hpp"

namespace factord::storage {
namespace {

namespace fs = std::filesystem;

using testing::all_states;
using testing::append_all;
using testing::human_added;
using testing::store_on_disk;

bool go_on(std::uint64_t, std::uint64_t) { return true; }

log_head head_of(const log_source& store) {
  return testing::read<events_answer>([&](auto done) { store.read_events(0, 0, std::move(done)); })
      .head;
}

std::set<std::string> names_in(const fs::path& dir) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator{dir}) names.insert(entry.path().filename());
  return names;
}

void flip_a_bit(const fs::path& file, std::uintmax_t at) {
  std::fstream bytes{file, std::ios::in | std::ios::out | std::ios::binary};
  bytes.seekg(static_cast<std::streamoff>(at));
  const char before = static_cast<char>(bytes.get());
  bytes.seekp(static_cast<std::streamoff>(at));
  bytes.put(static_cast<char>(before ^ 0x10));
}

class backups : public ::testing::Test {
 protected:
  backups() { add(1); }

  void add(int users, engine* into = nullptr) {
    std::vector<event_record> events;
    for (int i = 0; i < users; ++i) events.push_back(human_added(std::to_string(++users_)));
    ASSERT_TRUE(append_all(into != nullptr ? *into : store_.get(), events));
  }

  /// So that the log is on tables, as after any restart.
  void reopen() { ASSERT_FALSE(store_.open()); }

  [[nodiscard]] backup_entry back_up() {
    auto made = store_.get().back_up(dest_, go_on);
    if (!made) throw std::runtime_error{made.error().message};
    return *made;
  }

  [[nodiscard]] backup_reader read() const {
    auto opened = backup_reader::open(dest_);
    if (!opened) throw std::runtime_error{opened.error().message};
    return *std::move(opened);
  }

  const temp_directory parent_;
  const fs::path dest_ = parent_.path() / "backups";
  int users_ = 0;
  store_on_disk store_;
};

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

TEST_F(backups, a_log_that_ends_inside_a_batch_ends_before_it) {
  const backup_entry made = back_up();
  // What a copy finds where a batch takes several writes: the beginning of one.
  add(1);
  const backup_entry longer = back_up();
  fs::path log;
  for (const auto& entry : fs::directory_iterator{dest_ / "private" / "2"}) {
    if (entry.path().extension() == ".log") log = entry.path();
  }
  const auto size = fs::file_size(log);
  const backup_reader reader = read();
  fs::resize_file(log, size - 20);
  backup_entry older = longer;
  older.sequence = made.sequence;
  older.hash = made.hash;
  const auto copy = reader.open_store(older, {});
  ASSERT_TRUE(copy) << copy.error().message;
  EXPECT_EQ(head_of(**copy).sequence, made.sequence);
  // But a backup that is to hold that batch is not whole without it.
  const auto cut = reader.open_store(longer, {});
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code, errc::corruption);
  EXPECT_NE(cut.error().message.find("event 2"), std::string::npos) << cut.error().message;
}

TEST_F(backups, another_log_than_the_one_noted_is_found) {
  backup_entry made = back_up();
  made.hash[5] ^= 1U;
  const auto copy = read().open_store(made, {});
  ASSERT_FALSE(copy);
  EXPECT_EQ(copy.error().code, errc::corruption);
}

TEST_F(backups, find_by_id_or_the_newest) {
  (void)back_up();
  (void)back_up();
  const backup_reader reader = read();
  EXPECT_EQ(reader.find({})->id, 2U);
  EXPECT_EQ(reader.find(1)->id, 1U);
  EXPECT_EQ(reader.find(3).error().code, errc::bad_argument);
}

TEST_F(backups, a_flipped_bit_in_any_file_is_found) {
  add(2'000);
  reopen();
  add(1);
  const backup_entry made = back_up();
  int files = 0;
  for (const fs::path& folder : {dest_ / "private" / "1", dest_ / "shared_checksum"}) {
    for (const auto& entry : fs::directory_iterator{folder}) {
      flip_a_bit(entry.path(), fs::file_size(entry.path()) / 2);
      const auto checked = read().check_files(made.id);
      ASSERT_FALSE(checked) << entry.path();
      EXPECT_EQ(checked.error().code, errc::corruption);
      EXPECT_NE(checked.error().message.find(entry.path().filename()), std::string::npos)
          << checked.error().message;
      flip_a_bit(entry.path(), fs::file_size(entry.path()) / 2);
      ++files;
    }
  }
  EXPECT_GE(files, 6);
  EXPECT_TRUE(read().check_files(made.id));
}

TEST_F(backups, a_damaged_one_is_listed_refused_and_not_added_to) {
  (void)back_up();
  (void)back_up();
  fs::resize_file(dest_ / "meta" / "2", fs::file_size(dest_ / "meta" / "2") / 2);
  {
    const backup_reader reader = read();
    const auto entries = reader.list();
    ASSERT_EQ(entries.size(), 2U);
    EXPECT_FALSE(entries[0].damaged);
    EXPECT_TRUE(entries[1].damaged);
    EXPECT_EQ(reader.find({}).error().code, errc::corruption) << "not silently an older one";
    EXPECT_EQ(reader.find(1)->id, 1U);
  }
  EXPECT_EQ(store_.get().back_up(dest_, go_on).error().code, errc::corruption);
  EXPECT_EQ(read().list().size(), 2U);
}

TEST_F(backups, a_flipped_bit_in_the_list_of_files_changes_nothing_unseen) {
  const backup_entry made = back_up();
  const fs::path meta = dest_ / "meta" / "1";
  for (std::uintmax_t at = 0; at < fs::file_size(meta); ++at) {
    flip_a_bit(meta, at);
    if (const auto reader = backup_reader::open(dest_)) {
      const auto found = reader->find({});
      const bool whole = found && reader->check_files(1) && reader->open_store(*found, {});
      // The time at which it was made is what no checksum covers.
      if (whole) {
        EXPECT_EQ(found->store_id, made.store_id) << at;
        EXPECT_EQ(found->sequence, made.sequence) << at;
        EXPECT_EQ(found->hash, made.hash) << at;
      }
    }
    flip_a_bit(meta, at);
  }
  EXPECT_TRUE(read().check_files(1));
}

TEST_F(backups, a_missing_file_is_damage) {
  (void)back_up();
  fs::remove(dest_ / "private" / "1" / "CURRENT");
  EXPECT_EQ(read().find({}).error().code, errc::corruption);
}

TEST_F(backups, what_was_never_finished_is_no_backup_and_in_nobodys_way) {
  (void)back_up();
  fs::create_directory(dest_ / "private" / "2");
  std::ofstream{dest_ / "private" / "2" / "000009.log"} << "half";
  std::ofstream{dest_ / "shared_checksum" / "000077_s1_5.sst.tmp"} << "half";
  std::ofstream{dest_ / "meta" / ".2.tmp"} << "half";
  EXPECT_EQ(read().list().size(), 1U);
  EXPECT_EQ(back_up().id, 2U);
  const backup_reader reader = read();
  EXPECT_TRUE(reader.check_files(1));
  EXPECT_TRUE(reader.check_files(2));
  EXPECT_FALSE(names_in(dest_ / "private" / "2").contains("000009.log"));
  EXPECT_FALSE(names_in(dest_ / "shared_checksum").contains("000077_s1_5.sst.tmp"));
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
}  // namespace factord::storage
