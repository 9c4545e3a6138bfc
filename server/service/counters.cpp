#include "server/service/counters.hpp"

namespace factord::service {
namespace {

void record(duration_histogram& into, std::chrono::nanoseconds time) noexcept {
  into.record(static_cast<std::uint64_t>(time.count()));
}

}  // namespace

void commit_tally::measured(const storage::batch_report& took) noexcept {
  commands.record(took.commands);
  record(queue, took.queue);
  record(load, took.load);
  record(decide, took.decide);
  record(write, took.write);
  if (took.sync) record(sync, *took.sync);
  // Where nothing could be loaded nothing was seen.
  if (took.sequence != 0) last_sequence.set(took.sequence);
}

void commit_tally::synced(std::chrono::nanoseconds took) noexcept { record(sync, took); }

std::uint64_t counters::answers(operation op, status_code code) const noexcept {
  std::uint64_t all = 0;
  for (const tally& one : tallies()) {
    for (const counter& over :
         one.answers[static_cast<std::size_t>(op)][static_cast<std::size_t>(code)])
      all += over.get();
  }
  return all;
}

}  // namespace factord::service
