#include "storage/engine/backup_job.hpp"

#include <gtest/gtest.h>
#include <pthread.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <new>
#include <thread>

#include "storage/backup/backup_reader.hpp"
#include "storage/engine/memory_engine.hpp"
#include "tests/unit/storage/commit/commands.hpp"
#include "tests/unit/storage/engine/engines.hpp"
#include "tests/unit/storage/rocksdb/gated_files.hpp"

namespace factord::storage::backup_job_test {
namespace {

using testing::append_all;
using testing::human_added;

/// A store, and backups that stand still in the middle until they are let go.
class backup_jobs : public ::testing::Test {
 protected:
  backup_jobs() : gate_(std::make_shared<testing::gated_files>(backups_.path().string())) {
    store_.options.files = gate_;
    EXPECT_FALSE(store_.open());
    EXPECT_TRUE(append_all(store_.get(), {human_added("1")}));
  }

  static backup_status await_end(const backup_job& job) {
    while (job.last()->state == backup_state::running) {
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    return *job.last();
  }

  const temp_directory backups_;
  const std::shared_ptr<testing::gated_files> gate_;
  testing::store_on_disk store_;
};

TEST_F(backup_jobs, one_at_a_time_and_the_next_has_the_next_number) {
  backup_job job{store_.get()};
  EXPECT_FALSE(job.last());
  const auto begun = job.start(backups_.path());
  ASSERT_TRUE(begun);
  EXPECT_EQ(*begun, 1U);
  gate_->await_arrival();
  EXPECT_EQ(job.last()->state, backup_state::running);
  EXPECT_EQ(job.last()->directory, backups_.path());

  const auto second = job.start(backups_.path());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, errc::already_exists);
  EXPECT_NE(second.error().message.find(backups_.path().string()), std::string::npos);

  gate_->open_gate();
  const backup_status first = await_end(job);
  EXPECT_EQ(first.state, backup_state::done) << first.message;
  EXPECT_EQ(first.made.id, 1U);
  EXPECT_EQ(first.made.sequence, 1U);
  ASSERT_TRUE(append_all(store_.get(), {human_added("2")}));
  ASSERT_EQ(job.start(backups_.path()).value(), 2U);
  const backup_status next = await_end(job);
  EXPECT_EQ(next.made.id, 2U);
  EXPECT_EQ(next.made.sequence, 2U);
}

TEST_F(backup_jobs, the_store_goes_on_meanwhile_and_what_comes_is_not_of_the_backup) {
  backup_job job{store_.get()};
  ASSERT_TRUE(job.start(backups_.path()));
  gate_->await_arrival();
  EXPECT_TRUE(append_all(store_.get(), {human_added("2")}));
  gate_->open_gate();
  EXPECT_EQ(await_end(job).made.sequence, 1U);
}

TEST_F(backup_jobs, stop_ends_one_that_is_running) {
  {
    // Tables enough for a report of progress before the last file.
    std::vector<event_record> many;
    for (int i = 0; i < 30'000; ++i) many.push_back(human_added(std::to_string(i)));
    ASSERT_TRUE(append_all(store_.get(), many));
    ASSERT_FALSE(store_.open());
    backup_job job{store_.get()};
    ASSERT_TRUE(job.start(backups_.path()));
    gate_->await_arrival();
    job.stop();
    EXPECT_EQ(job.start(backups_.path()).error().code, errc::unavailable);
    gate_->open_gate();
    job.wait();
    EXPECT_EQ(job.last()->state, backup_state::failed);
    EXPECT_NE(job.last()->message.find("ended before it was made"), std::string::npos);
  }
  const auto reader = backup_reader::open(backups_.path());
  ASSERT_TRUE(reader);
  EXPECT_TRUE(reader->list().empty());
}

TEST_F(backup_jobs, a_failure_is_told_and_the_next_may_begin) {
  gate_->open_gate();
  backup_job job{store_.get()};
  ASSERT_TRUE(job.start(store_.dir() / "inside"));
  const backup_status failed = await_end(job);
  EXPECT_EQ(failed.state, backup_state::failed);
  EXPECT_NE(failed.message.find(store_.dir().string()), std::string::npos);
  ASSERT_TRUE(job.start(backups_.path()));
  EXPECT_EQ(await_end(job).state, backup_state::done);
}

/// While it lives, no thread can be started: none has memory for a stack of that size.
class no_threads {
 public:
  no_threads() {
    EXPECT_EQ(::pthread_getattr_default_np(&before_), 0);
    pthread_attr_t giant = before_;
    EXPECT_EQ(::pthread_attr_setstacksize(&giant, std::size_t{1} << 46U), 0);
    EXPECT_EQ(::pthread_setattr_default_np(&giant), 0);
  }
  ~no_threads() { EXPECT_EQ(::pthread_setattr_default_np(&before_), 0); }
  no_threads(const no_threads&) = delete;
  no_threads& operator=(const no_threads&) = delete;

 private:
  pthread_attr_t before_{};
};

TEST_F(backup_jobs, one_that_gets_no_thread_was_not_begun_and_the_next_may) {
  gate_->open_gate();
  backup_job job{store_.get()};
  const auto refused = [&job, this] {
    const no_threads meanwhile;
    return job.start(backups_.path());
  };
  const auto first = refused();
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().code, errc::unavailable);
  EXPECT_NE(first.error().message.find("thread"), std::string::npos) << first.error().message;
  EXPECT_FALSE(job.last());
  EXPECT_EQ(job.start(backups_.path()).value(), 1U);
  EXPECT_EQ(await_end(job).state, backup_state::done);
  ASSERT_FALSE(refused());
  EXPECT_EQ(job.last()->number, 1U);
  EXPECT_EQ(job.last()->state, backup_state::done);
  EXPECT_EQ(job.start(backups_.path()).value(), 2U);
  EXPECT_EQ(await_end(job).state, backup_state::done);
}

/// A store whose backups throw, as the standard library does where there is no memory.
class throwing_engine final : public memory_engine {
 public:
  using memory_engine::memory_engine;
  result<backup_entry> back_up(const std::filesystem::path& /*directory*/,
                               const backup_progress& /*progress*/) const override {
    throw std::bad_alloc{};
  }
};

TEST(backup_job, one_that_throws_has_failed) {
  const throwing_engine store{"id"};
  backup_job job{store};
  for (std::uint64_t number = 1; number <= 2; ++number) {
    ASSERT_EQ(job.start("/nowhere").value(), number);
    while (job.last()->state == backup_state::running) std::this_thread::yield();
    EXPECT_EQ(job.last()->state, backup_state::failed);
    EXPECT_NE(job.last()->message.find("bad_alloc"), std::string::npos) << job.last()->message;
  }
}

TEST(backup_job, an_engine_without_files_says_so) {
  const memory_engine store{"id"};
  backup_job job{store};
  ASSERT_TRUE(job.start("/nowhere"));
  job.stop();
  job.wait();
  EXPECT_EQ(job.last()->state, backup_state::failed);
  EXPECT_NE(job.last()->message.find("no files"), std::string::npos);
}

}  // namespace
}  // namespace factord::storage::backup_job_test
