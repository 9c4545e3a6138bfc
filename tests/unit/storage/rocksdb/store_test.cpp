#include "storage/rocksdb/store.hpp"

#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <future>
#include <iterator>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>

#include "tests/unit/storage/commit/commands.hpp"
#include "tests/unit/storage/engine/engines.hpp"
#include "tests/unit/storage/rocksdb/raw_store.hpp"

namespace factord::storage {
namespace {

namespace fs = std::filesystem;

using testing::append_all;
using testing::human_added;
using testing::raw_store;
using testing::store_on_disk;

void touch(const fs::path& file) { std::ofstream{file} << "something"; }

std::map<std::string, std::string> contents_of(const fs::path& dir) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator{dir}) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in{entry.path(), std::ios::binary};
    files[entry.path().string()] = {std::istreambuf_iterator<char>{in}, {}};
  }
  return files;
}

std::uint64_t last_sequence(const log_source& store) {
  return testing::read<events_answer>([&](auto done) { store.read_events(0, 0, std::move(done)); })
      .head.sequence;
}

TEST(prepare_directory, makes_what_is_missing_for_the_owner_alone) {
  const temp_directory parent;
  const fs::path dir = parent.path() / "new";
  ASSERT_TRUE(prepare_directory(dir));
  struct stat status {};
  ASSERT_EQ(::stat(dir.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
  EXPECT_TRUE(prepare_directory(dir)) << "an empty one is fine as well";
}

TEST(prepare_directory, does_not_make_parents) {
  const temp_directory parent;
  EXPECT_EQ(prepare_directory(parent.path() / "a" / "b").error().code, errc::io_error);
}

TEST(prepare_directory, refuses_what_is_not_ours_and_leaves_it) {
  const temp_directory dir;
  touch(dir.path() / "thesis.txt");
  const auto before = contents_of(dir.path());
  const auto refused = prepare_directory(dir.path());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::not_a_store);
  EXPECT_NE(refused.error().message.find("thesis.txt"), std::string::npos);
  EXPECT_EQ(contents_of(dir.path()), before);
}

TEST(prepare_directory, refuses_a_file) {
  const temp_directory dir;
  touch(dir.path() / "file");
  EXPECT_EQ(prepare_directory(dir.path() / "file").error().code, errc::not_a_store);
}

TEST(prepare_directory, takes_what_a_crash_of_ours_leaves) {
  const temp_directory dir;
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  (dir.path() / "admin.sock").string().copy(address.sun_path, sizeof(address.sun_path) - 1);
  ASSERT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  ::close(socket);
  fs::create_directory(dir.path() / "store");
  touch(dir.path() / "store" / "LOCK");
  touch(dir.path() / "store" / "MANIFEST-000001");
  EXPECT_TRUE(prepare_directory(dir.path()));

  touch(dir.path() / "store" / "000012.sst");
  EXPECT_EQ(prepare_directory(dir.path()).error().code, errc::not_a_store)
      << "a store that lost its CURRENT is not an unfinished one";
}

TEST(prepare_directory, a_plain_file_in_place_of_the_socket_is_not_ours) {
  const temp_directory dir;
  touch(dir.path() / "admin.sock");
  EXPECT_EQ(prepare_directory(dir.path()).error().code, errc::not_a_store);
}

TEST(directory_lock, is_held_by_one) {
  const temp_directory dir;
  auto first = directory_lock::take(dir.path());
  ASSERT_TRUE(first);
  EXPECT_EQ(directory_lock::take(dir.path()).error().code, errc::store_locked);
  directory_lock moved = *std::move(first);
  EXPECT_EQ(directory_lock::take(dir.path()).error().code, errc::store_locked);
  { const directory_lock gone = std::move(moved); }
  EXPECT_TRUE(directory_lock::take(dir.path()));
}

TEST(directory_lock, is_seen_by_other_processes_and_ends_with_its_own) {
  const temp_directory dir;
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto lock = directory_lock::take(dir.path());
    const char held = lock ? '1' : '0';
    (void)!::write(ready[1], &held, 1);
    ::pause();
    ::_exit(0);
  }
  char held = 0;
  ASSERT_EQ(::read(ready[0], &held, 1), 1);
  EXPECT_EQ(held, '1');
  EXPECT_EQ(directory_lock::take(dir.path()).error().code, errc::store_locked);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(directory_lock::take(dir.path()));
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST(directory_lock, needs_a_directory) {
  const temp_directory dir;
  EXPECT_EQ(directory_lock::take(dir.path() / "missing").error().code, errc::io_error);
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
    {"2 outbox retries", errc::wrong_format, "does not know 'outbox', 'retries'"},
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
}  // namespace factord::storage
