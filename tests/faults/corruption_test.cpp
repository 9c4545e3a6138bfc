// Bits flip in the files of a store, sectors go blank, files are cut, lost or swapped: what was
// answered is there and right, or somebody is told which file is not.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "storage/audit/verify.hpp"
#include "storage/model/keys.hpp"
#include "tests/faults/damage.hpp"
#include "tests/faults/disk.hpp"
#include "tests/faults/rounds.hpp"
#include "tests/faults/workload.hpp"
#include "tests/unit/storage/commit/commands.hpp"
#include "tests/unit/support/temp_directory.hpp"

namespace factord::storage::corruption_test {
namespace {

using namespace testing;

constexpr unsigned lives = 2;
constexpr unsigned batches_a_life = 40;

/// Sees what is written, so that a kill can be looked at without one.
class mirror final : public file_watcher {
 public:
  explicit mirror(const file_contents& files) : platter_(files) {}
  rocksdb::IOStatus allow(const file_event&) override { return rocksdb::IOStatus::OK(); }
  void saw(const file_event& event, bool ok) override {
    const std::lock_guard lock{mutex_};
    platter_.apply(event, ok);
  }
  [[nodiscard]] file_contents files() const {
    const std::lock_guard lock{mutex_};
    std::mt19937_64 unused;
    return platter_.after(power_cut::keeps, unused);
  }

 private:
  mutable std::mutex mutex_;  ///< RocksDB's threads write as well
  disk platter_;
};

using states = std::vector<std::pair<std::string, std::string>>;

/// A store, and all that was answered from it.
struct known_store {
  file_contents files;
  std::vector<std::string> log;
  states all;
};

/// What a store's last life left: closed in good order, or killed.
known_store make_store(bool killed) {
  known_store made;
  for (unsigned life = 0; life < lives; ++life) {
    const temp_directory dir{scratch_space()};
    const auto seen = std::make_shared<mirror>(made.files);
    write_files(dir.path() / "store", made.files);
    const auto lock = directory_lock::take(dir.path());
    auto options = small_store();
    options.files = watched_files(seen);
    auto store = open_store(dir.path(), *lock, options);
    {
      workload work{**store, 11, life};
      for (unsigned i = 0; i < batches_a_life; ++i) {
        if (!work.run_batch()) throw std::runtime_error{"no batch"};
      }
    }
    made.log = all_events(**store);
    made.all = all_states(**store);
    made.files = seen->files();
    if (killed) continue;
    store->reset();
    made.files = read_files(dir.path() / "store");
  }
  return made;
}

enum class ending {
  refused,    ///< at open, which says why
  reported,   ///< reading says that it cannot, and why
  found,      ///< verify says what is wrong
  cut,        ///< the log of the program says what was cut off
  harmless,   ///< all is there
  cut_short,  ///< the end of the log is missing, and nobody says so
  wrong,      ///< an answer is not what it was
};
constexpr std::array names{"refused",   "reported", "found by verify", "cut and logged", "harmless",
                           "cut short", "wrong"};

struct outcome {
  ending how;
  std::string words;
};

/// A damaged store, opened as the server would, and read to its end.
class damaged_store {
 public:
  damaged_store(const file_contents& files, const known_store& known) : known_(known) {
    write_files(dir_.path() / "store", files);
  }

  outcome examine() {
    if (const auto fit = prepare_directory(dir_.path()); !fit) return {ending::refused, words(fit)};
    const auto lock = directory_lock::take(dir_.path());
    auto options = small_store();
    options.notice = [this](std::string_view text) {
      const std::lock_guard held{mutex_};
      notices_ += std::string{text} + "\n";
    };
    const auto store = open_store(dir_.path(), *lock, options);
    if (!store) return {ending::refused, words(store)};
    outcome seen = read_all(**store);
    if (seen.how != ending::harmless && seen.how != ending::cut_short) return seen;
    const auto report = verify(**store, {});
    if (!report) return {ending::reported, words(report)};
    if (!report->problems.empty()) return {ending::found, report->problems.front()};
    if (seen.how == ending::cut_short && noticed()) return {ending::cut, notices_};
    return seen;
  }

 private:
  template <class T>
  static std::string words(const result<T>& failed) {
    return failed.error().message;
  }

  bool noticed() {
    const std::lock_guard held{mutex_};
    return notices_.find("cut ") != std::string::npos;
  }

  outcome read_all(const log_source& store) {
    std::size_t at = 0;
    for (;;) {
      const auto page =
          wait_for<events_answer>([&](auto done) { store.read_events(at, 100, std::move(done)); });
      if (!page) return {ending::reported, words(page)};
      if (page->events.empty()) break;
      for (const stored_event& event : page->events) {
        // A gap is no answer: the sequences say that something is missing.
        at = event.sequence;
        if (at > known_.log.size() || known_.log[at - 1] != event.value) {
          return {ending::wrong, "event " + std::to_string(at)};
        }
      }
    }
    if (at < known_.log.size()) return {ending::cut_short, "ends with event " + std::to_string(at)};
    return read_states(store);
  }

  outcome read_states(const log_source& store) {
    const auto found = wait_for<std::vector<key_value>>(
        [&](auto done) { store.scan_states({}, {}, 1'000'000, std::move(done)); });
    if (!found) return {ending::reported, words(found)};
    std::map<std::string, std::string> left{known_.all.begin(), known_.all.end()};
    for (const key_value& state : *found) {
      if (state.key.front() == static_cast<char>(key_kind::meta)) continue;
      const auto known = left.find(state.key);
      if (known == left.end() || known->second != state.value) return {ending::wrong, "a state"};
      left.erase(known);
    }
    if (!left.empty()) return {ending::wrong, "a state is missing"};
    return {ending::harmless, ""};
  }

  const known_store& known_;
  const temp_directory dir_{scratch_space()};
  std::mutex mutex_;
  std::string notices_;
};

class corruption : public ::testing::TestWithParam<bool> {
 protected:
  [[nodiscard]] static bool killed() { return GetParam(); }

  /// Of the log that was being written when the server was killed, the last batch may have been
  /// torn by that; and where its last batches are gone to the byte, nothing says that they were
  /// there. All else has to be told from what a crash leaves.
  [[nodiscard]] bool may_be_cut(const damage& one) const {
    return killed() && one.file == newest_log();
  }

  [[nodiscard]] std::string newest_log() const {
    std::string newest;
    for (const auto& [name, content] : known_.files) {
      if (name.ends_with(".log")) newest = std::max(newest, name);
    }
    return newest;
  }

  void examine(const damage& one) {
    const auto [how, words] = damaged_store{one.done_to(known_.files), known_}.examine();
    ++tally_[static_cast<std::size_t>(how)];
    const std::string story = one.file + ", " + one.what + ": " + words;
    ASSERT_NE(how, ending::wrong) << story;
    if (how == ending::cut || how == ending::cut_short) {
      ASSERT_TRUE(may_be_cut(one)) << story;
    }
    if (how == ending::cut || how == ending::refused || how == ending::reported) {
      // RocksDB names some by number, and the manifest in place of a table that is another.
      const bool named =
          words.find("/store") != std::string::npos || words.find(one.file) != std::string::npos;
      ASSERT_TRUE(named) << story;
    }
  }

  const known_store known_ = make_store(killed());
  std::array<std::size_t, names.size()> tally_{};
};

TEST_P(corruption, is_never_a_wrong_answer_nor_a_silent_loss) {
  std::mt19937_64 random{fault_rounds()};
  for (const char* kind :
       {"CURRENT", "MANIFEST-", ".log", ".sst", "OPTIONS-", "IDENTITY", "EXTENTS"}) {
    tally_ = {};
    const auto all = damages(known_.files, kind, 40UL * fault_rounds(), random);
    ASSERT_FALSE(all.empty()) << kind;
    for (const damage& one : all) {
      examine(one);
      if (HasFatalFailure()) return;
    }
    std::printf("%s: %zu damages", kind, all.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (tally_[i] > 0) std::printf(", %zu %s", tally_[i], names[i]);
    }
    std::printf("\n");
  }
}

INSTANTIATE_TEST_SUITE_P(after, corruption, ::testing::Bool(),
                         [](const auto& test) { return test.param ? "a_kill" : "a_clean_end"; });

}  // namespace
}  // namespace factord::storage::corruption_test
