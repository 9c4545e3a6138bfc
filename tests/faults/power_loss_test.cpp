// The power fails at every sync of a store's life: what was answered is found, whatever is left of
// the rest.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "storage/rocksdb/wal/wal_file.hpp"
#include "tests/faults/disk.hpp"
#include "tests/faults/rounds.hpp"
#include "tests/faults/surviving_store.hpp"
#include "tests/faults/workload.hpp"
#include "tests/unit/support/temp_directory.hpp"

namespace factord::storage::power_loss_test {
namespace {

using namespace testing;

constexpr unsigned lives = 3;
constexpr unsigned lives_most =
    15;  // until there was a compaction: how soon depends on the machine
constexpr unsigned batches_a_life = 60;

/// Something that happened to a file, kept, and what had been answered by then.
struct step {
  file_act act;
  std::string name;
  std::uint64_t offset;
  std::string bytes;
  std::string target;
  std::uint64_t answered;
};

/// Everything that happened, in order.
class recorder final : public file_watcher {
 public:
  rocksdb::IOStatus allow(const file_event&) override { return rocksdb::IOStatus::OK(); }

  void saw(const file_event& event, bool) override {
    const std::lock_guard lock{mutex_};
    steps_.push_back({event.act, std::string{event.name}, event.offset, std::string{event.bytes},
                      std::string{event.target}, answered_});
  }

  void answer(std::uint64_t sequence) {
    const std::lock_guard lock{mutex_};
    answered_ = sequence;
    answers_.push_back(sequence);
  }

  [[nodiscard]] std::vector<step> steps() const {
    const std::lock_guard lock{mutex_};
    return steps_;
  }

  /// The end of the batch that was in flight when so much had been answered.
  [[nodiscard]] std::uint64_t in_flight(std::uint64_t answered) const {
    const auto next = std::upper_bound(answers_.begin(), answers_.end(), answered);
    return next == answers_.end() ? answered : *next;
  }

 private:
  mutable std::mutex mutex_;  ///< RocksDB's threads write as well
  std::uint64_t answered_ = 0;
  std::vector<std::uint64_t> answers_;
  std::vector<step> steps_;
};

class power_loss : public ::testing::TestWithParam<unsigned> {
 protected:
  /// Runs batches on these files. The store is closed in the end, which is recorded as well.
  /// Leaves in `before` the files as they were when RocksDB came to them: a torn tail is cut, and
  /// the cut is synced, before that.
  void live(file_contents& before, unsigned number) {
    const temp_directory dir{scratch_space()};
    const auto files = dir.path() / "store";
    write_files(files, before);
    const auto torn = find_torn_tail(*rocksdb::FileSystem::Default(), files);
    ASSERT_TRUE(torn) << torn.error().message;
    if (*torn) {
      ASSERT_TRUE(cut_torn_tail(**torn));
    }
    before = read_files(files);
    seen_ = std::make_shared<recorder>();
    ASSERT_TRUE(prepare_directory(dir.path()));
    const auto lock = directory_lock::take(dir.path());
    ASSERT_TRUE(lock);
    auto options = small_store();
    options.files = watched_files(seen_);
    auto store = open_store(dir.path(), *lock, options);
    ASSERT_TRUE(store) << store.error().message;
    seen_->answer(last_sequence(**store));

    workload work{**store, GetParam(), number};
    for (unsigned i = 0; i < batches_a_life; ++i) {
      const auto last = work.run_batch();
      ASSERT_TRUE(last);
      seen_->answer(*last);
    }
    log_ = all_events(**store);
  }

  /// How often that life did this to a file with such an end.
  [[nodiscard]] std::size_t count(file_act act, std::string_view end) const {
    const auto steps = seen_->steps();
    return static_cast<std::size_t>(std::ranges::count_if(
        steps, [&](const step& one) { return one.act == act && one.name.ends_with(end); }));
  }

  /// Cuts the power before every sync of that life.
  void cut_everywhere(const file_contents& before) {
    disk platter{before};
    std::size_t at = 0;
    for (const step& one : seen_->steps()) {
      if (one.act == file_act::sync || one.act == file_act::sync_directory) {
        cut(platter, at, one.answered);
        if (HasFatalFailure()) return;
      }
      platter.apply({one.act, one.name, one.offset, one.bytes, one.target}, true);
      ++at;
    }
  }

  void cut(const disk& platter, std::size_t at, std::uint64_t answered) {
    constexpr std::array all{power_cut::loses, power_cut::keeps, power_cut::tears,
                             power_cut::scatters};
    // One way in the short form, and each of them as often; all of them in the long one.
    const std::size_t first = cuts_++ % all.size();
    const std::size_t ways = fault_rounds() == 1 ? 1 : all.size();
    for (std::size_t i = 0; i < ways; ++i) {
      const auto how = all[(first + i) % all.size()];
      auto left = platter.after(how, random_);
      const survival expected{log_, answered, seen_->in_flight(answered)};
      ASSERT_EQ(complaint(left, expected), "")
          << "seed " << GetParam() << ", step " << at << ", way " << static_cast<int>(how);
      ++survived_;
      // Where the next life begins: one of the last, or the store would hardly grow.
      const std::size_t odds = std::min<std::size_t>(survived_, 10);
      if (std::uniform_int_distribution<std::size_t>{1, odds}(random_) == 1) {
        next_ = std::move(left);
      }
    }
  }

  std::mt19937_64 random_{GetParam()};
  std::shared_ptr<recorder> seen_;
  std::vector<std::string> log_;
  file_contents next_;
  std::size_t cuts_ = 0;
  std::size_t survived_ = 0;  ///< in this life
};

TEST_P(power_loss, loses_nothing_that_was_answered) {
  std::size_t total = 0;
  std::size_t logs = 0;
  std::size_t tables = 0;
  std::size_t compacted = 0;
  for (unsigned number = 0; number < lives || (compacted == 0 && number < lives_most); ++number) {
    file_contents before = next_;
    survived_ = 0;
    live(before, number);
    if (HasFatalFailure()) return;
    cut_everywhere(before);
    if (HasFatalFailure()) return;
    total += survived_;
    logs += count(file_act::create, ".log");
    tables += count(file_act::create, ".sst");
    compacted += count(file_act::remove, ".sst");
  }
  std::printf("seed %u: %zu power cuts survived; %zu logs, %zu tables, %zu of them compacted\n",
              GetParam(), total, logs, tables, compacted);
  // A workload without these would be no test of them.
  EXPECT_GT(logs, lives);
  EXPECT_GT(tables, 0U);
  EXPECT_GT(compacted, 0U);
}

INSTANTIATE_TEST_SUITE_P(seeds, power_loss, ::testing::Range(1U, 1U + fault_rounds()));

}  // namespace
}  // namespace factord::storage::power_loss_test
