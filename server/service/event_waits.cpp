#include "server/service/event_waits.hpp"

#include <algorithm>
#include <utility>

#include "server/service/shard_callback.hpp"

namespace factord::service {

bool event_waits::may_wait(call& work) const {
  if (draining_ || (!work.in.follow && work.in.wait.count() == 0)) return false;
  const auto now = with_.steady_now();
  if (!work.in.follow && !work.wait_until) work.wait_until = now + work.in.wait;
  if (now >= std::min(work.wait_until.value_or(no_deadline), work.deadline)) return false;
  if (expired(work.good_until, with_.now())) return false;
  return !with_.wanted || with_.wanted(work);
}

std::uint64_t event_waits::enter() {
  if (entered_++ == 0 && with_.watch_log) with_.watch_log(true);
  return growths_;
}

void event_waits::leave() {
  if (--entered_ == 0 && with_.watch_log) with_.watch_log(false);
}

void event_waits::park(call& work, std::uint64_t entered, resume go_on) {
  if (growths_ == entered) {
    parked_.push_back({&work, std::move(go_on)});
    return;
  }
  go_on(work);
  leave();
}

void event_waits::log_grew() {
  ++growths_;
  resume_all([](const call&) { return true; });
}

void event_waits::sweep() {
  resume_all([this](call& work) { return !may_wait(work); });
  look_for_others();
}

void event_waits::drain() {
  draining_ = true;
  resume_all([](const call&) { return true; });
}

// One that goes on may be back before the next does, so those that go on are taken out first. Each
// is entered until it has entered again, so that nobody stops to tell us in between.
void event_waits::resume_all(const std::function<bool(call&)>& which) {
  std::vector<waiting> going;
  for (waiting& one : std::exchange(parked_, {}))
    (which(*one.work) ? going : parked_).push_back(std::move(one));
  for (waiting& one : going) {
    one.go_on(*one.work);
    leave();
  }
}

// What this process commits it is told of. What others do is in the head.
void event_waits::look_for_others() {
  if (parked_.empty() || looking_ || !with_.store.others_write()) return;
  looking_ = true;
  with_.store.read_states(
      {},
      on_shard<storage::states_answer>(with_, [this](const result<storage::states_answer>& read) {
        looking_ = false;
        if (!read) return;
        const std::uint64_t last = read->head.sequence;
        resume_all([last](const call& work) { return work.in.after < last; });
      }));
}

}  // namespace factord::service
