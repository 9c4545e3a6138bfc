#include "server/net/life_signs.hpp"

#include <time.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "server/base/log.hpp"

namespace factord::net {
namespace {

using std::chrono::milliseconds;

// A look each second is often enough for people, and four in the time of a watchdog for that.
constexpr milliseconds look_interval{1000};
constexpr milliseconds least_interval{10};
// No batch takes that long on a disk that answers.
constexpr milliseconds disk_patience{10'000};
// A database has deadlines of its own, which end a batch before that.
constexpr milliseconds database_patience{40'000};

milliseconds interval_of(milliseconds watchdog) {
  if (watchdog.count() == 0) return look_interval;
  return std::clamp(watchdog / 4, least_interval, look_interval);
}

// By the clock that a service manager has in common with us.
std::string monotonic_us() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::to_string(static_cast<std::int64_t>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000);
}

}  // namespace

life_signs::life_signs(const life_listener& listener, milliseconds watchdog,
                       const storage::engine& store, const storage::commit_queue& queue,
                       readiness_state& state)
    : listener_(listener),
      watchdog_(watchdog),
      interval_(interval_of(watchdog)),
      queue_(queue),
      state_(state),
      commits_(store.has_clock() ? database_patience : disk_patience, 2 * look_interval) {}

void life_signs::reloading() const {
  tell("RELOADING=1\nMONOTONIC_USEC=" + monotonic_us() + "\nSTATUS=reading files again");
}

void life_signs::look(clock::time_point now) {
  const auto [steps, has_work] = queue_.progress();
  const bool stuck = !commits_.gets_on(steps, has_work, now);
  state_.set_stuck(stuck);
  if (stuck && !stuck_) {
    log::error("nothing is committed any more: the disk, or the database, does not answer");
    tell("STATUS=nothing is committed any more");
  } else if (stuck_ && !stuck) {
    log::info("it is committed again");
    tell("STATUS=serving");
  }
  stuck_ = stuck;
  if (!stuck && watchdog_.count() > 0) tell("WATCHDOG=1");
}

}  // namespace factord::net
