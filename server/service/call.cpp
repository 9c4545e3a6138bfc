#include "server/service/call.hpp"

#include <utility>

#include "server/service/commands.hpp"
#include "server/service/counters.hpp"
#include "server/service/failures.hpp"
#include "server/service/forget.hpp"
#include "server/service/operation_table.hpp"
#include "server/service/precondition.hpp"
#include "server/service/retry.hpp"
#include "storage/base/canary.hpp"

namespace factord::service {
namespace {

constexpr failure not_told{status_code::internal, "",
                           "the store did not say whether it was done, outcome unknown"};
constexpr failure not_taken{status_code::unavailable, "",
                            "the store is not available, nothing was done"};
constexpr failure undone{status_code::internal, "",
                         "the stored data could not be read, nothing was changed"};

const failure& failure_of(storage::commit_outcome outcome) {
  switch (outcome) {
    case storage::commit_outcome::unavailable:
      return not_taken;
    case storage::commit_outcome::load_failed:
      return undone;
    case storage::commit_outcome::unknown:
      return not_told;
    default:
      return outcome_unknown;
  }
}

}  // namespace

// What is untouched is not touched here either: most of a call lies in no cache.
void call::clear() {
  asked_at = admitted_at = taken_at = ended_at = answered_at = {};
  context.clear();
  bytes_in = bytes_out = lines = 0;
  line = 0;
  stage = {};
  deadline = no_deadline;
  if (traits(op).is_brief) {
    in.brief_input::clear();
  } else {
    in.clear();
    draws.clear();
  }
  rejected.code = status_code::ok;
  forget(rejected.message);
  who.clear();
  clear_answer();
  tally = nullptr;
  decided_ = false;
  answer_epoch.reset();
  wait_until.reset();
  waited = false;
  good_until = {};
  stands = {};
  begun = false;
  place.reset();
  begun_later = false;
}

void call::clear_answer() { traits(op).is_brief ? out.brief_answer::clear() : out.clear(); }

void call::list_keys(storage::state_table& table) const {
  const wanted_states wanted{table, key_};
  row_of(op).list_keys(*this, wanted);
  list_precondition_keys(*this, wanted);
  list_retry_keys(*this, wanted);
}

// By a head of another epoch than that of the states: it may be nobody by now.
bool call::known_by_another(std::uint64_t epoch) const noexcept {
  return !who.trusted && token_epoch != epoch && !planted(canary::stale_epoch);
}

void call::list_more_keys(storage::state_table& table, const storage::log_head& head) const {
  const wanted_states wanted{table, key_};
  if (known_by_another(head.token_epoch)) kind->list_keys(credential, who.user_id, wanted);
  const auto more = row_of(op).list_more_keys;
  if (more != nullptr) more(*this, known_states{table, key_}, wanted);
}

// Of an earlier attempt nothing counts, and nothing may stay.
void call::decide(const storage::state_table& states, const storage::decision_times& at,
                  storage::event_sink& events) {
  const bool again = std::exchange(decided_, true);
  if (again && planted(canary::decide_once)) return;
  if (again && !planted(canary::decide_twice)) clear_answer();
  const known_states known{states, key_};
  if (known_by_another(at.token_epoch) &&
      (expired(good_until, at.wall) || !kind->is_good(credential, who, known))) {
    return out.fail(token_invalid);
  }
  const decision on{known, at, events};
  if (answered_before(*this, on, out)) return;
  if (precondition_failed(*this, on, out)) return;
  row_of(op).decide(*this, on, out);
}

void call::finish(storage::commit_outcome outcome) noexcept {
  if (outcome != storage::commit_outcome::committed) {
    clear_answer();
    out.fail(failure_of(outcome));
  }
  if (tally == nullptr) return;
  service::tally& mine = tally->of_commit_thread();
  mine.answered(op, out.code, over);
  // Whoever was not known by then was let in before.
  if (out.code == status_code::unauthenticated) mine.not_let_in(auth_failure::revoked);
}

void call::note_answered(std::chrono::steady_clock::time_point now) noexcept {
  answered_at = now;
  const bool waits_for_room = line != 0 && out.no_room;
  if (tally == nullptr || lasts() || waits_for_room) return;
  tally->of_shard(shard()).took(op, now - asked_at);
}

std::size_t call::size_bytes() const noexcept {
  const std::size_t brief =
      sizeof(call) + in.user_id.capacity() + in.retry_key.capacity() + in.authorization.capacity();
  if (traits(op).is_brief) return brief;
  return brief + in.username.capacity() + in.email.capacity() + in.org.capacity() +
         in.person.ByteSizeLong();
}

}  // namespace factord::service
