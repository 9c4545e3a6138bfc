#include "server/service/event_waits.hpp"

#include <algorithm>
#include <utility>

#include "server/service/shard_callback.hpp"

namespace factord::service {

bool event_waits::may_wait(call& pending) const {
  if (draining_ || (!pending.in.follow && pending.in.wait.count() == 0)) return false;
  const auto now = with_.steady_now();
  if (!pending.in.follow && !pending.wait_until) pending.wait_until = now + pending.in.wait;
  if (now >= std::min(pending.wait_until.value_or(no_deadline), pending.deadline)) return false;
  if (pending.may_be_over(with_.now())) return false;
  return !with_.wanted || with_.wanted(pending);
}

std::uint64_t event_waits::enter() {
  if (entered_++ == 0 && with_.watch_log) with_.watch_log(true);
  return growths_;
}

void event_waits::leave() {
  if (--entered_ == 0 && with_.watch_log) with_.watch_log(false);
}

void event_waits::park(call& pending, std::uint64_t entered, resume go_on) {
  if (growths_ == entered) {
    parked_.push_back({&pending, std::move(go_on)});
    return;
  }
  go_on(pending);
  leave();
}

void event_waits::log_grew() {
  ++growths_;
  resume_all([](const call&) { return true; });
}

void event_waits::sweep() {
  resume_all([this](call& pending) { return !may_wait(pending); });
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
    (which(*one.pending) ? going : parked_).push_back(std::move(one));
  for (waiting& one : going) {
    one.go_on(*one.pending);
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
        resume_all([last](const call& pending) { return pending.in.after < last; });
      }));
}

}  // namespace factord::service
