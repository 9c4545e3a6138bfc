#include "server/service/read_failures.hpp"

#include "server/base/log.hpp"

namespace factord::service {

namespace {

constexpr std::chrono::steady_clock::duration between_lines = std::chrono::seconds{1};

}  // namespace

void read_failures::note(std::string_view what, const error& cause, time_point now) {
  if (!add(now)) return;
  log::error("stored data cannot be read, nothing was changed", {{"request", what},
                                                                 {"code", name(cause.code)},
                                                                 {"cause", cause.message},
                                                                 {"read_failures", count()}});
}

bool read_failures::add(time_point now) noexcept {
  count_.fetch_add(1, std::memory_order_relaxed);
  const time_point::rep at = now.time_since_epoch().count();
  time_point::rep due = next_line_.load(std::memory_order_relaxed);
  // Of several that come at once, one writes the line.
  return at >= due && next_line_.compare_exchange_strong(due, at + between_lines.count(),
                                                         std::memory_order_relaxed);
}

}  // namespace factord::service
