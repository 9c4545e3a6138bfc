// The power fails at every sync while a store is brought to the current format: the next open ends
// what was begun, and the states are what replay gives.
#include <gtest/gtest.h>

#include <array>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "tests/faults/disk.hpp"
#include "tests/faults/surviving_store.hpp"
#include "tests/faults/workload.hpp"
#include "tests/unit/storage/commit/commands.hpp"
#include "tests/unit/storage/rocksdb/raw_store.hpp"
#include "tests/unit/support/temp_directory.hpp"

namespace factord::storage::upgrade_power_loss_test {
namespace {

using namespace testing;

// Several batches of the upgrade.
constexpr int tokens = 6'000;
constexpr int names = 2'000;

/// Every change of a file, in order.
class recorder final : public file_watcher {
 public:
  struct step {
    file_act act;
    std::string name;
    std::uint64_t offset;
    std::string bytes;
    std::string target;
  };

  rocksdb::IOStatus allow(const file_event&) override { return rocksdb::IOStatus::OK(); }
  void saw(const file_event& event, bool) override {
    const std::lock_guard lock{mutex_};
    steps_.push_back({event.act, std::string{event.name}, event.offset, std::string{event.bytes},
                      std::string{event.target}});
  }
  [[nodiscard]] std::vector<step> steps() const {
    const std::lock_guard lock{mutex_};
    return steps_;
  }

 private:
  mutable std::mutex mutex_;  ///< RocksDB's threads write as well
  std::vector<step> steps_;
};

result<std::unique_ptr<engine>> open(const std::filesystem::path& dir, const directory_lock& lock,
                                     std::shared_ptr<file_watcher> watcher) {
  auto options = small_store();
  if (watcher != nullptr) options.files = watched_files(std::move(watcher));
  return open_store(dir, lock, options);
}

/// A store of format 1 with many tokens and a past. Returns its log.
std::vector<std::string> make_old_store(const std::filesystem::path& dir) {
  std::vector<std::string> log;
  {
    const auto lock = directory_lock::take(dir).value();
    const auto store = open(dir, lock, nullptr).value();
    workload work{*store, 1, 0};
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(work.run_batch());
    std::vector<event_record> added;
    for (int i = 0; i < tokens; ++i) {
      std::string hash = std::to_string(i);
      hash.resize(32, '#');
      added.push_back(token_event(event_type::token_added, "somebody", hash));
      added.back().mutable_payload()->set_token_id("many " + std::to_string(i));
    }
    // Two by two of one name, but for its case.
    for (int i = 0; i < names; ++i) {
      added.push_back(human_added("named " + std::to_string(i),
                                  (i % 2 == 0 ? "Name " : "NAME ") + std::to_string(i / 2)));
    }
    EXPECT_TRUE(append_all(*store, added, from_micros(2'000'000)));
    log = all_events(*store);
  }
  raw_store{dir / "store"}.make_format_1();
  return log;
}

TEST(upgrade_power_loss, is_ended_by_the_next_open) {
  const temp_directory dir{scratch_space()};
  ASSERT_TRUE(prepare_directory(dir.path()));
  const auto log = make_old_store(dir.path());
  const file_contents before = read_files(dir.path() / "store");
  const auto seen = std::make_shared<recorder>();
  {
    const auto lock = directory_lock::take(dir.path());
    ASSERT_TRUE(lock);
    const auto store = open(dir.path(), *lock, seen);
    ASSERT_TRUE(store) << store.error().message;
  }

  constexpr std::array all{power_cut::loses, power_cut::keeps, power_cut::tears,
                           power_cut::scatters};
  const survival expected{log, log.size(), log.size()};
  disk platter{before};
  std::mt19937_64 random{1};
  std::size_t cuts = 0;
  for (const auto& step : seen->steps()) {
    if (step.act == file_act::sync) {
      // Each way in its turn; what the upgrade syncs, its log, in all of them.
      const bool log_file = step.name.ends_with(".log");
      for (std::size_t way = 0; way < (log_file ? all.size() : 1); ++way) {
        const auto how = all[(cuts + way) % all.size()];
        ASSERT_EQ(complaint(platter.after(how, random), expected), "")
            << "cut " << cuts << " at " << step.name << ", way " << static_cast<int>(how);
      }
      ++cuts;
    }
    platter.apply({step.act, step.name, step.offset, step.bytes, step.target}, true);
  }
  EXPECT_GT(cuts, 4U) << "the beginning, more than one batch, the end";
}

}  // namespace
}  // namespace factord::storage::upgrade_power_loss_test
