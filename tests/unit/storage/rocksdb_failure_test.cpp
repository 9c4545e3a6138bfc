// What a disk that fails does to the RocksDB engine. A limit on the size of files stands in for it.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <string>
#include <vector>

#include "tests/unit/storage/commands.hpp"
#include "tests/unit/storage/engines.hpp"

namespace factord::storage {
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

}  // namespace
}  // namespace factord::storage
