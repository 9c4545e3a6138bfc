#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "tests/simulation/random.hpp"

namespace factord::simulation {

/// Virtual time since the run began.
using moment = std::chrono::microseconds;

/// All that is going to happen, on one thread. Of what happens at the same moment the seed says
/// which is first. An event may run others from inside (a thread that blocks while the rest goes
/// on).
class scheduler {
 public:
  explicit scheduler(random_bits& random) : random_(random) {}

  [[nodiscard]] moment now() const noexcept { return now_; }

  void after(moment delay, std::function<void()> run) {
    events_.emplace(std::pair{now_ + delay, random_.next()}, std::move(run));
  }

  /// Runs the next event, if it is due by `end`. False, with time at `end`, where none is.
  bool run_next(moment end) {
    if (events_.empty() || events_.begin()->first.first > end) {
      now_ = std::max(now_, end);
      return false;
    }
    auto next = events_.extract(events_.begin());
    now_ = std::max(now_, next.key().first);
    next.mapped()();
    return true;
  }

 private:
  random_bits& random_;
  moment now_{0};
  std::multimap<std::pair<moment, std::uint64_t>, std::function<void()>> events_;
};

}  // namespace factord::simulation
