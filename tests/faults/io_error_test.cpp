// The disk refuses one thing, or everything from then on, at every point of a store's life: it
// stops answering, and what it had answered is durable.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <limits>
#include <memory>
#include <mutex>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/faults/child_process.hpp"
#include "tests/faults/disk.hpp"
#include "tests/faults/rounds.hpp"
#include "tests/faults/surviving_store.hpp"
#include "tests/faults/workload.hpp"
#include "tests/unit/storage/commands.hpp"
#include "tests/unit/support/temp_directory.hpp"

namespace factord::storage {
namespace {

using namespace testing;

constexpr unsigned batches = 60;
constexpr unsigned faults_a_process = 10;
constexpr unsigned kinds = 4;  // EIO or ENOSPC, once or for good
constexpr std::uint64_t no_fault = std::numeric_limits<std::uint64_t>::max();
const std::string end_of_life = "the end";

/// A disk on which the event of this number, counted from 1, fails.
class failing_disk final : public file_watcher {
 public:
  failing_disk(const file_contents& files, std::uint64_t fatal, unsigned kind)
      : platter_(files), fatal_(fatal), no_space_(kind % 2 == 1), for_good_(kind / 2 == 1) {}

  rocksdb::IOStatus allow(const file_event&) override {
    const std::lock_guard lock{mutex_};
    ++seen_;
    const bool fails = for_good_ ? seen_ >= fatal_ : seen_ == fatal_;
    if (!fails) return rocksdb::IOStatus::OK();
    return no_space_ ? rocksdb::IOStatus::NoSpace("injected")
                     : rocksdb::IOStatus::IOError("injected");
  }

  void saw(const file_event& event, bool ok) override {
    const std::lock_guard lock{mutex_};
    platter_.apply(event, ok);
  }

  [[nodiscard]] bool has_failed() const {
    const std::lock_guard lock{mutex_};
    return seen_ >= fatal_;
  }

  [[nodiscard]] file_contents after(power_cut cut) const {
    const std::lock_guard lock{mutex_};
    std::mt19937_64 random{fatal_};
    return platter_.after(cut, random);
  }

 private:
  mutable std::mutex mutex_;  ///< a failed database may still be at it
  disk platter_;
  std::uint64_t seen_ = 0;
  const std::uint64_t fatal_;
  const bool no_space_;
  const bool for_good_;
};

/// What an earlier life left: files, and the events that had been answered.
struct past {
  file_contents files;
  std::vector<std::string> log;
};

/// A life on a failing disk, and what is left of it.
class broken_life {
 public:
  broken_life(const past& before, std::uint64_t fatal, unsigned kind)
      : dir_(scratch_space()),
        disk_(std::make_shared<failing_disk>(before.files, fatal, kind)),
        log_(before.log),
        answered_(before.log.size()) {
    write_files(dir_.path() / "store", before.files);
  }

  /// Runs batches until one fails or all are done; complaints about an answer after a failure.
  std::string run(unsigned number) {
    const auto lock = directory_lock::take(dir_.path());
    auto options = small_store();
    options.files = watched_files(disk_);
    auto store = open_store(dir_.path(), *lock, options);
    if (!store) return disk_->has_failed() ? "" : store.error().message;
    if (all_events(**store) != log_) return "does not begin as the last life ended";

    workload work{**store, 7, number};
    for (unsigned i = 0; i < batches; ++i) {
      const auto last = work.run_batch();
      if (!last) return check_stopped(**store);
      answered_ = *last;
    }
    log_ = all_events(**store);
    return "";
  }

  /// Of what a power cut right then leaves; the batch that failed may be there or not.
  std::string complaint_after(power_cut cut) const {
    constexpr std::uint64_t batch_most = 64;
    return complaint(disk_->after(cut), {log_, answered_, log_.size() + batch_most});
  }

  [[nodiscard]] bool has_failed() const { return disk_->has_failed(); }
  [[nodiscard]] past left() const { return {disk_->after(power_cut::keeps), log_}; }

 private:
  std::string check_stopped(engine& store) {
    log_ = all_events(store);
    if (log_.size() != answered_) return "shows what it did not answer";
    const auto again = append_all(store, {human_added("more")});
    if (again) return "answered after a failure";
    return again.error().code == errc::storage_failed ? "" : again.error().message;
  }

  const temp_directory dir_;
  const std::shared_ptr<failing_disk> disk_;
  std::vector<std::string> log_;
  std::uint64_t answered_;
};

/// One fault of one kind; a complaint, the end of the life before the fault, or nothing.
std::string suffer(const past& before, std::uint64_t fatal, unsigned kind) {
  constexpr std::array cuts{power_cut::loses, power_cut::keeps, power_cut::tears};
  broken_life life{before, fatal, kind};
  std::string wrong = life.run(1);
  if (!life.has_failed() && wrong.empty()) return end_of_life;
  const std::size_t ways = fault_rounds() == 1 ? 1 : cuts.size();
  for (std::size_t i = 0; wrong.empty() && i < ways; ++i) {
    wrong = life.complaint_after(cuts[(fatal / kinds + i) % cuts.size()]);
  }
  if (wrong.empty()) return "";
  return "fault " + std::to_string(fatal) + " of kind " + std::to_string(kind) + ": " + wrong;
}

/// What a kill leaves of a life without faults.
past killed() {
  broken_life life{{}, no_fault, 0};
  if (const auto wrong = life.run(0); !wrong.empty()) throw std::runtime_error{wrong};
  return life.left();
}

class io_errors : public ::testing::TestWithParam<bool> {};

TEST_P(io_errors, stop_the_store_and_lose_nothing_that_was_answered) {
  std::uint64_t fatal = 1;
  std::uint64_t faults = 0;
  bool over = false;
  while (!over) {
    const std::string found = in_child([&]() -> std::string {
      const past before = GetParam() ? killed() : past{};
      for (std::uint64_t at = fatal; at < fatal + faults_a_process; ++at) {
        for (unsigned kind = 0; kind < kinds; ++kind) {
          if (fault_rounds() == 1 && kind != at % kinds) continue;
          if (auto wrong = suffer(before, at, kind); !wrong.empty()) return wrong;
        }
      }
      return "";
    });
    over = found == end_of_life;
    if (!over) {
      ASSERT_EQ(found, "");
      faults += faults_a_process * (fault_rounds() == 1 ? 1 : kinds);
    }
    fatal += faults_a_process;
  }
  std::printf("%llu faults survived\n", static_cast<unsigned long long>(faults));
  EXPECT_GT(faults, batches) << "each batch writes and syncs";
}

INSTANTIATE_TEST_SUITE_P(lives, io_errors, ::testing::Bool(), [](const auto& test) {
  return test.param ? "after_a_kill" : "from_the_first_file";
});

}  // namespace
}  // namespace factord::storage
