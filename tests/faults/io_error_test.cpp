// The disk refuses one thing, or everything from then on, at every point of a store's life: it
// stops answering, and what it had answered is durable.
//
// Each thing that RocksDB, or we through its file system, do to a file is one point: the first
// create, the second, and so on, then the writes, since the order among them differs from life to
// life. Each is refused once with EIO, once with ENOSPC, and both again for good (in the short form
// one of the four, in turn). What that is, and who does it in a life of this test:
//
//   create     logs, tables, manifests, CURRENT's and EXTENTS' successors, OPTIONS, IDENTITY
//   write      batches and zeros of a log; blocks of tables; edits of a manifest; the small files.
//              Half of what a failing write had to write is there afterwards
//   truncate   the zeros at the end of a log, when it is closed
//   sync       of each of these files; what a failed sync left behind is never durable
//   rename     CURRENT, EXTENTS, OPTIONS, IDENTITY
//   remove     logs and tables that others replace
//   directory  syncs of the directory
//
// The test fails where one of these sorts is never met. Files are opened in no other way:
// watched_files refuses what it would not see. What is done before RocksDB is asked (a torn tail
// cut, a directory made) only fails the opening, and a full file system is in
// tests/e2e/test_full_disk.py.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <limits>
#include <memory>
#include <mutex>
#include <numeric>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/faults/child_process.hpp"
#include "tests/faults/disk.hpp"
#include "tests/faults/rounds.hpp"
#include "tests/faults/surviving_store.hpp"
#include "tests/faults/workload.hpp"
#include "tests/unit/storage/commit/commands.hpp"
#include "tests/unit/support/temp_directory.hpp"

namespace factord::storage::io_error_test {
namespace {

using namespace testing;

constexpr unsigned batches = 60;
constexpr unsigned faults_a_process = 10;
constexpr unsigned kinds = 4;  // EIO or ENOSPC, once or for good
/// One for each file_act, in its order.
constexpr std::array act_names{"create", "write",  "truncate", "sync",
                               "rename", "remove", "directory"};

/// The act of this sort and number, counted from 1, fails.
struct fault {
  file_act act;
  std::uint64_t number;
  unsigned kind;

  [[nodiscard]] bool for_good() const { return kind / 2 == 1; }
  [[nodiscard]] rocksdb::IOStatus status() const {
    return kind % 2 == 1 ? rocksdb::IOStatus::NoSpace("injected")
                         : rocksdb::IOStatus::IOError("injected");
  }
  [[nodiscard]] std::string name() const {
    return act_names.at(static_cast<std::size_t>(act)) + (" " + std::to_string(number)) +
           " of kind " + std::to_string(kind);
  }
};

constexpr fault no_fault{file_act::create, std::numeric_limits<std::uint64_t>::max(), 0};

/// A disk with one fault.
class failing_disk final : public file_watcher {
 public:
  failing_disk(const file_contents& files, const fault& planned)
      : platter_(files), planned_(planned) {}

  rocksdb::IOStatus allow(const file_event& event) override {
    const std::lock_guard lock{mutex_};
    const bool now = event.act == planned_.act && ++seen_ == planned_.number;
    const bool fails = now || (failed_ && planned_.for_good());
    failed_ = failed_ || now;
    return fails ? planned_.status() : rocksdb::IOStatus::OK();
  }

  void saw(const file_event& event, bool ok) override {
    const std::lock_guard lock{mutex_};
    platter_.apply(event, ok);
  }

  /// Whether the fault was met.
  [[nodiscard]] bool failed() const {
    const std::lock_guard lock{mutex_};
    return failed_;
  }

  [[nodiscard]] file_contents after(power_cut cut) const {
    const std::lock_guard lock{mutex_};
    std::mt19937_64 random{planned_.number};
    return platter_.after(cut, random);
  }

 private:
  mutable std::mutex mutex_;  ///< a failed database may still be at it
  disk platter_;
  std::uint64_t seen_ = 0;  ///< of the planned sort
  bool failed_ = false;
  const fault planned_;
};

/// What an earlier life left: files, and the events that had been answered.
struct past {
  file_contents files;
  std::vector<std::string> log;
};

/// A life on a failing disk, and what is left of it.
class broken_life {
 public:
  broken_life(const past& before, const fault& planned)
      : dir_(scratch_space()),
        disk_(std::make_shared<failing_disk>(before.files, planned)),
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
    if (!store) return disk_->failed() ? "" : store.error().message;
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

  [[nodiscard]] bool failed() const { return disk_->failed(); }
  [[nodiscard]] past left() const { return {disk_->after(power_cut::keeps), log_}; }

 private:
  std::string check_stopped(engine& store) {
    log_ = all_events(store);
    if (log_.size() != answered_) return "shows what it did not answer";
    const auto again = append_all(store, {human_added("more")});
    return again ? "answered after a failure" : "";
  }

  const temp_directory dir_;
  const std::shared_ptr<failing_disk> disk_;
  std::vector<std::string> log_;
  std::uint64_t answered_;
};

/// Some faults of one sort, each in a life of its own: how many, and what was wrong.
struct suffering {
  std::uint64_t met = 0;
  bool over = false;  ///< the last life ended before its fault
  std::string wrong;

  /// To come out of a child.
  [[nodiscard]] std::string text() const {
    return std::to_string(met) + (over ? "." : "") + "\n" + wrong;
  }

  static suffering of(const std::string& text) {
    const std::size_t end = text.find('\n');
    if (end == std::string::npos) return {.wrong = text};  // it died
    return {std::stoull(text), text[end - 1] == '.', text.substr(end + 1)};
  }
};

void suffer(const past& before, const fault& planned, suffering& so_far) {
  constexpr std::array cuts{power_cut::loses, power_cut::keeps, power_cut::tears};
  broken_life life{before, planned};
  std::string wrong = life.run(1);
  so_far.over = !life.failed() && wrong.empty();
  if (so_far.over) return;
  const std::size_t ways = fault_rounds() == 1 ? 1 : cuts.size();
  for (std::size_t i = 0; wrong.empty() && i < ways; ++i) {
    wrong = life.complaint_after(cuts[(planned.number / kinds + i) % cuts.size()]);
  }
  if (life.failed()) ++so_far.met;
  if (!wrong.empty()) so_far.wrong = planned.name() + ": " + wrong;
}

suffering suffer_from(file_act act, std::uint64_t first, const past& before) {
  suffering so_far;
  for (std::uint64_t at = first; at < first + faults_a_process; ++at) {
    for (unsigned kind = 0; kind < kinds; ++kind) {
      if (fault_rounds() == 1 && kind != at % kinds) continue;
      suffer(before, {act, at, kind}, so_far);
      if (so_far.over || !so_far.wrong.empty()) return so_far;
    }
  }
  return so_far;
}

/// What a kill leaves of a life without faults.
past killed() {
  broken_life life{{}, no_fault};
  if (const auto wrong = life.run(0); !wrong.empty()) throw std::runtime_error{wrong};
  return life.left();
}

class io_errors : public ::testing::TestWithParam<bool> {};

/// How many faults of this sort a life has; none survived where there is a complaint.
std::uint64_t survive(file_act act, bool after_a_kill) {
  std::uint64_t met = 0;
  suffering last;
  for (std::uint64_t first = 1; !last.over; first += faults_a_process) {
    last = suffering::of(
        in_child([&] { return suffer_from(act, first, after_a_kill ? killed() : past{}).text(); }));
    EXPECT_EQ(last.wrong, "");
    if (!last.wrong.empty()) return 0;
    met += last.met;
  }
  return met;
}

TEST_P(io_errors, stop_the_store_and_lose_nothing_that_was_answered) {
  std::array<std::uint64_t, act_names.size()> met{};
  for (std::size_t i = 0; i < met.size(); ++i) {
    const auto act = static_cast<file_act>(i);
    met[i] = survive(act, GetParam());
    // A new store has something to remove only where its first tables are done in time.
    EXPECT_TRUE(met[i] > 0 || (act == file_act::remove && !GetParam())) << act_names[i];
  }
  std::printf("%zu faults survived:", std::accumulate(met.begin(), met.end(), std::size_t{0}));
  for (std::size_t i = 0; i < met.size(); ++i) std::printf(" %s %zu", act_names[i], met[i]);
  std::printf("\n");
  EXPECT_GT(met[static_cast<std::size_t>(file_act::sync)], batches / kinds);
}

INSTANTIATE_TEST_SUITE_P(lives, io_errors, ::testing::Bool(), [](const auto& test) {
  return test.param ? "after_a_kill" : "from_the_first_file";
});

}  // namespace
}  // namespace factord::storage::io_error_test
