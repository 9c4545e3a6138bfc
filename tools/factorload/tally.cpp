#include "tools/factorload/tally.hpp"

namespace factord::load {

void tally::answered(operation what, int status, std::chrono::nanoseconds took) {
  const auto index = static_cast<std::size_t>(what);
  ++answers;
  ++by_status[static_cast<std::size_t>(status)];
  if (status == 200) ++succeeded[index];
  latency[index].add(took);
}

void tally::merge(const tally& other) {
  for (std::size_t i = 0; i < by_status.size(); ++i) by_status[i] += other.by_status[i];
  for (std::size_t i = 0; i < operation_count; ++i) {
    succeeded[i] += other.succeeded[i];
    latency[i].merge(other.latency[i]);
  }
  answers += other.answers;
  sent += other.sent;
  unanswered += other.unanswered;
  unsent += other.unsent;
  malformed += other.malformed;
  reconnects += other.reconnects;
  failed_connects += other.failed_connects;
}

}  // namespace factord::load
