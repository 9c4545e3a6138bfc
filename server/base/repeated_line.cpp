#include "server/base/repeated_line.hpp"

namespace factord {
namespace {

constexpr std::chrono::steady_clock::duration between_lines = std::chrono::seconds{1};

}  // namespace

std::uint64_t repeated_line::due(time_point now) noexcept {
  untold_.fetch_add(1, std::memory_order_relaxed);
  const time_point::rep at = now.time_since_epoch().count();
  time_point::rep due = next_.load(std::memory_order_relaxed);
  // Of several that come at once, one writes the line.
  if (at < due ||
      !next_.compare_exchange_strong(due, at + between_lines.count(), std::memory_order_relaxed))
    return 0;
  return untold_.exchange(0, std::memory_order_relaxed);
}

}  // namespace factord
