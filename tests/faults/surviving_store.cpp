#include "tests/faults/surviving_store.hpp"

#include <algorithm>

#include "storage/audit/verify.hpp"
#include "storage/rocksdb/store.hpp"
#include "tests/faults/workload.hpp"
#include "tests/unit/storage/commit/commands.hpp"
#include "tests/unit/support/temp_directory.hpp"

namespace factord::storage::testing {

namespace {

std::string compare(const log_source& store, const survival& expected) {
  const auto found = all_events(store);
  const std::string counts = std::to_string(found.size()) + " events, " +
                             std::to_string(expected.answered) + " were answered, " +
                             std::to_string(expected.written) + " written";
  if (found.size() < expected.answered) return "lost an answered event: " + counts;
  if (found.size() > expected.written) return "found more than was written: " + counts;
  for (std::size_t i = 0; i < std::min(found.size(), expected.log.size()); ++i) {
    if (found[i] != expected.log[i]) return "event " + std::to_string(i + 1) + " is another";
  }
  const auto report = verify(store, {});
  if (!report) return "verify: " + report.error().message;
  return report->problems.empty() ? "" : "verify: " + report->problems.front();
}

}  // namespace

std::string complaint(const file_contents& files, const survival& expected) {
  const temp_directory dir{scratch_space()};
  write_files(dir.path() / "store", files);
  if (const auto fit = prepare_directory(dir.path()); !fit) return fit.error().message;
  const auto lock = directory_lock::take(dir.path());
  if (!lock) return lock.error().message;
  const auto store = open_store(dir.path(), *lock, small_store());
  if (!store) return store.error().message;
  if (auto wrong = compare(**store, expected); !wrong.empty()) return wrong;
  const auto written = append_all(**store, {human_added("after the crash")});
  return written ? "" : written.error().message;
}

}  // namespace factord::storage::testing
