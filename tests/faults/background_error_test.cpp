// A disk that refuses what RocksDB does by itself: the server hears of it, though no write fails.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "storage/commit/commit_queue.hpp"
#include "tests/faults/watched_files.hpp"
#include "tests/unit/storage/commit/commands.hpp"
#include "tests/unit/storage/engine/engines.hpp"

namespace factord::storage::background_error_test {
namespace {

using namespace testing;

/// Once told to, takes everything but new files of one kind.
class picky_disk final : public file_watcher {
 public:
  /// `kind` is the end of their names.
  explicit picky_disk(std::string kind) : kind_(std::move(kind)) {}

  std::atomic<bool> refuses = false;
  std::atomic<bool> refused = false;  ///< one, at least

  rocksdb::IOStatus allow(const file_event& event) override {
    const bool unwanted = event.act == file_act::create && event.name.ends_with(kind_);
    if (!unwanted || !refuses) return rocksdb::IOStatus::OK();
    refused = true;
    return rocksdb::IOStatus::IOError("injected");
  }
  void saw(const file_event&, bool) override {}

 private:
  const std::string kind_;
};

class background_error : public ::testing::TestWithParam<const char*> {};

TEST_P(background_error, is_told_though_nobody_writes_any_more) {
  store_on_disk store;
  store.close();
  store.options.write_buffer_bytes = 4U << 20U;
  const auto disk = std::make_shared<picky_disk>(GetParam());
  store.options.files = watched_files(disk);
  ASSERT_FALSE(store.open());

  std::atomic<std::size_t> completed = 0;
  std::string told;
  std::atomic<unsigned> failures = 0;
  commit_hooks hooks;
  hooks.complete = [&](std::uint32_t, std::span<command* const> done) { completed += done.size(); };
  hooks.failed = [&](const error& failure) {
    told = failure.message;
    ++failures;
  };
  commit_queue queue{store.get(), {}, hooks, 1};
  std::thread commits{[&queue] { queue.run(); }};

  // Until a flush has been tried, and no longer.
  disk->refuses = true;
  event_record large = human_added("1");
  large.mutable_payload()->set_email(std::string(200'000, 'e'));
  std::deque<append_events> works;
  while (!disk->refused && works.size() < 1000) {
    append_events& pending = works.emplace_back(std::vector{large});
    ASSERT_EQ(queue.submit(pending), submit_status::accepted);
    while (completed < works.size()) std::this_thread::yield();
    // For a flush that this one caused: it shall fail while no write is there to hear of it.
    std::this_thread::sleep_for(std::chrono::milliseconds{30});
  }
  ASSERT_TRUE(disk->refused) << "no flush was tried";
  const auto patience = std::chrono::steady_clock::now() + std::chrono::minutes{1};
  while (failures == 0 && std::chrono::steady_clock::now() < patience) std::this_thread::yield();

  append_events late{{human_added("late")}};
  EXPECT_EQ(queue.submit(late), submit_status::failed);
  queue.close();
  commits.join();
  EXPECT_EQ(failures, 1U) << "whoever does not write is told as well";
  EXPECT_NE(told.find("injected"), std::string::npos) << told;
}

// Of a flush: the table, which RocksDB writes, and what we keep behind it.
INSTANTIATE_TEST_SUITE_P(of_a_flush, background_error, ::testing::Values(".sst", "EXTENTS.dbtmp"));

}  // namespace
}  // namespace factord::storage::background_error_test
