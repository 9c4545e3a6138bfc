#include "tests/simulation/simulated_thread.hpp"

#include <algorithm>
#include <utility>

#include "storage/base/check.hpp"

namespace factord::simulation {

simulated_thread::simulated_thread(scheduler& time)
    : time_(time), running_("simulated", [this] { loop(); }) {}

void simulated_thread::end() {
  if (std::exchange(dying_, true)) return;
  its_turn_.release();
  running_.join();
}

void simulated_thread::loop() {
  for (;;) {
    its_turn_.acquire();
    if (dying_) return;
    do_work();
    if (dying_) return;
    our_turn_.release();
  }
}

void simulated_thread::do_work() {
  try {
    work_();
  } catch (const process_died&) {
    FACTORD_CHECK(dying_);
  } catch (...) {
    thrown_ = std::current_exception();
  }
  work_ = nullptr;
}

void simulated_thread::go_on() {
  its_turn_.release();
  our_turn_.acquire();
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
}

void simulated_thread::run(std::function<void()> pending) {
  FACTORD_CHECK(!work_);
  work_ = std::move(pending);
  go_on();
}

void simulated_thread::wake() {
  if (std::exchange(waiting_, false)) go_on();
}

void simulated_thread::wait(moment until) {
  waiting_ = true;
  const moment left = std::max(until - time_.now(), moment{0});
  time_.after(left, [this, weak = std::weak_ptr<bool>(alive_), number = ++waits_] {
    if (!weak.expired() && number == waits_) wake();
  });
  our_turn_.release();
  its_turn_.acquire();
  if (dying_) throw process_died{};
}

}  // namespace factord::simulation
