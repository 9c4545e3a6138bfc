// What a disk that fails does to the RocksDB engine. A limit on the size of files stands in for it.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <deque>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include "storage/engine/wait_for.hpp"
#include "storage/model/keys.hpp"
#include "tests/unit/storage/commit/commands.hpp"
#include "tests/unit/storage/engine/engines.hpp"

namespace factord::storage::failure_test {
namespace {

using testing::append_all;
using testing::event_of;
using testing::human_added;

/// No file of this process may grow past this size while it lives.
class file_size_limit {
 public:
  explicit file_size_limit(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit now{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &now);
  }
  ~file_size_limit() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  file_size_limit(const file_size_limit&) = delete;
  file_size_limit& operator=(const file_size_limit&) = delete;

 private:
  rlimit before_{};
};

std::uint64_t last_sequence(engine& store) {
  return testing::read<events_answer>([&](auto done) { store.read_events(0, 0, std::move(done)); })
      .head.sequence;
}

TEST(rocksdb_failure, a_failed_write_is_for_good_and_a_restart_finds_what_was_answered) {
  testing::store_on_disk store;
  ASSERT_TRUE(append_all(store.get(), {human_added("1")}));
  event_record large = human_added("2");
  large.mutable_payload()->set_email(std::string(200'000, 'e'));
  {
    const file_size_limit limit{64U << 10U};
    EXPECT_EQ(append_all(store.get(), {large}).error().code, errc::io_error);
  }
  // The disk is well again; the store must not be: what was written is unknown.
  EXPECT_EQ(append_all(store.get(), {human_added("3")}).error().code, errc::storage_failed);
  EXPECT_EQ(store.get().sync().error().code, errc::storage_failed);
  state_table nothing;
  EXPECT_EQ(store.get().load(nothing).error().code, errc::storage_failed);
  EXPECT_EQ(last_sequence(store.get()), 1U) << "reading goes on";

  // What the next process would find. (In this one RocksDB still holds the failed store's lock.)
  const temp_directory dir;
  std::filesystem::copy(store.files(), dir.path() / "store",
                        std::filesystem::copy_options::recursive);
  auto lock = directory_lock::take(dir.path());
  ASSERT_TRUE(lock);
  const auto restarted = open_store(dir.path(), *lock, {});
  ASSERT_TRUE(restarted) << restarted.error().message;
  EXPECT_EQ(last_sequence(**restarted), 1U);
  EXPECT_EQ(testing::all_states(**restarted), testing::all_states(store.get()));
  EXPECT_TRUE(append_all(**restarted, {human_added("4")}));
}

TEST(rocksdb_failure, a_reset_that_fails_is_for_good_and_changes_nothing) {
  testing::store_on_disk store;
  ASSERT_TRUE(append_all(store.get(), {human_added("1")}));
  store.get().keep();
  event_record large = human_added("2");
  large.mutable_payload()->set_email(std::string(200'000, 'e'));
  ASSERT_TRUE(append_all(store.get(), {large}));
  const std::string id = store.get().store_id();
  {
    const file_size_limit limit{0};
    EXPECT_EQ(store.get().reset().error().code, errc::io_error);
  }
  EXPECT_EQ(store.get().reset().error().code, errc::storage_failed);
  EXPECT_FALSE(append_all(store.get(), {human_added("3")}));
  EXPECT_EQ(store.get().store_id(), id);
  EXPECT_EQ(last_sequence(store.get()), 2U);
}

/// Blanks eight bytes near the beginning of the one table that holds this family: within its first
/// block. (Of the states that one holds factors.)
void damage(const std::filesystem::path& files, const std::string& family) {
  unsigned damaged = 0;
  for (const auto& entry : std::filesystem::directory_iterator{files}) {
    if (entry.path().extension() != ".sst") continue;
    std::fstream file{entry.path(), std::ios::in | std::ios::out | std::ios::binary};
    const std::string content{std::istreambuf_iterator<char>{file}, {}};
    // A property of the table and its value; the property's own beginning is not repeated.
    if (content.find("name" + family) == std::string::npos) continue;
    file.seekp(100);
    file.write("\0\0\0\0\0\0\0", 8);
    ++damaged;
  }
  ASSERT_EQ(damaged, 1U);
}

constexpr unsigned users = 300;
constexpr unsigned first_user = 1'000;

/// Users with a factor each, in one table of each family.
void fill(testing::store_on_disk& store) {
  std::vector<event_record> all;
  for (unsigned i = 0; i < users; ++i) {
    const std::string id = std::to_string(first_user + i);
    all.push_back(human_added(id));
    all.push_back(event_of(event_type::otp_email_added, id));
  }
  ASSERT_TRUE(append_all(store.get(), all));
  ASSERT_TRUE(store.get().compact());
  store.close();
}

TEST(rocksdb_failure, a_damaged_block_fails_the_commands_that_need_it_and_no_other) {
  testing::store_on_disk store;
  fill(store);
  damage(store.files(), "default");

  // In one batch, and each time that the store is opened.
  for (unsigned time = 0; time < 2; ++time) {
    ASSERT_FALSE(store.open());
    std::vector<std::string> causes;
    commit_hooks hooks;
    hooks.unreadable = [&causes](const error& cause) { causes.push_back(cause.message); };
    commit_queue queue{store.get(), {}, hooks, 1};
    std::deque<testing::take_factor> works;
    for (unsigned i = 0; i < users; ++i) {
      ASSERT_EQ(queue.submit(works.emplace_back(std::to_string(first_user + i))),
                submit_status::accepted);
    }
    while (queue.run_batch(from_micros(2'000'000))) {
    }
    EXPECT_FALSE(queue.failed());
    unsigned failed = 0;
    for (const testing::take_factor& pending : works) {
      if (pending.outcome == commit_outcome::load_failed) {
        ++failed;
        EXPECT_FALSE(pending.taken);
      } else {
        EXPECT_EQ(pending.outcome, commit_outcome::committed);
        EXPECT_EQ(pending.taken, time == 0);
      }
    }
    ASSERT_GT(failed, 0U);
    EXPECT_LT(failed, users / 2);
    ASSERT_EQ(causes.size(), failed);
    EXPECT_NE(causes[0].find(".sst"), std::string::npos) << causes[0];
  }
}

/// A way to read from the store, and the families that it reads.
struct reader {
  std::string name;
  std::vector<std::string> families;
  std::function<result<void>(const log_source& store)> read;
};

template <class T, class Read>
std::function<result<void>(const log_source&)> reading(Read read) {
  return [read](const log_source& store) -> result<void> {
    const auto answer = wait_for<T>([&](auto done) { read(store, std::move(done)); });
    if (!answer) return answer.error();
    return {};
  };
}

/// Each is asked for the front, or for the first user.
std::vector<reader> readers() {
  const std::string id = std::to_string(first_user);
  std::string factor;
  set_factor_key(factor, id, factor_type::otp_email);
  return {
      {"states", {"default"}, reading<states_answer>([factor](const log_source& store, auto done) {
         store.read_states(std::vector{factor}, std::move(done));
       })},
      {"scan of states",
       {"default"},
       reading<std::vector<key_value>>([](const log_source& store, auto done) {
         store.scan_states({}, {}, 1, std::move(done));
       })},
      {"events", {"events"}, reading<events_answer>([](const log_source& store, auto done) {
         store.read_events(0, 1, std::move(done));
       })},
      {"events of a user",
       {"events", "user_events"},
       reading<events_answer>([id](const log_source& store, auto done) {
         store.read_user_events(id, 0, 1, std::move(done));
       })},
      {"last event of a user",
       {"events", "user_events"},
       reading<events_answer>([id](const log_source& store, auto done) {
         store.read_last_user_event(id, std::move(done));
       })},
      {"scan of the index",
       {"user_events"},
       reading<std::vector<std::string>>([](const log_source& store, auto done) {
         store.scan_user_events({}, 1, std::move(done));
       })},
  };
}

TEST(rocksdb_failure, what_a_damaged_block_hides_is_not_missing_to_who_reads_it) {
  for (const std::string family : {"default", "events", "user_events"}) {
    testing::store_on_disk store;
    fill(store);
    damage(store.files(), family);
    ASSERT_FALSE(store.open());
    for (const reader& one : readers()) {
      SCOPED_TRACE(one.name + ", damaged: " + family);
      const auto read = one.read(store.get());
      EXPECT_NE(read.has_value(), std::ranges::find(one.families, family) != one.families.end());
      if (read) continue;
      EXPECT_EQ(read.error().code, errc::corruption);
      EXPECT_NE(read.error().message.find(".sst"), std::string::npos) << read.error().message;
    }
    EXPECT_TRUE(append_all(store.get(), {human_added("new")})) << "and writing goes on";
  }
}

}  // namespace
}  // namespace factord::storage::failure_test
