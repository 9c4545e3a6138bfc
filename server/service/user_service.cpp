#include "server/service/user_service.hpp"

#include <utility>

#include "server/service/deadline.hpp"
#include "server/service/decision_tools.hpp"
#include "server/service/operation_table.hpp"
#include "storage/base/canary.hpp"

namespace factord::service {
namespace {

constexpr failure queue_full{status_code::unavailable, "", "too many writes are waiting"};
constexpr failure store_failed{status_code::unavailable, "", "storage failed"};
constexpr failure shutting_down{status_code::unavailable, "", "the server is shutting down"};

}  // namespace

user_service::user_service(const environment& with)
    : with_(with),
      authenticator_(with_),
      queries_(with_),
      preparation_(with_, queries_),
      admit_([this](call& pending) { admit(pending); }),
      submit_([this](call& pending) { submit(pending); }),
      deliver_read_([this](call& pending) { deliver_read(pending); }) {}

bool user_service::start(call& pending) {
  pending.tally = &with_.tally;
  if (pending.asked_at == decltype(pending.asked_at){}) pending.asked_at = with_.steady_now();
  starting_ = &pending;
  if (pending.who.trusted) {
    pending.who.user_id.assign(system_user);
    admit(pending);
  } else {
    authenticator_.authenticate(pending, admit_);
  }
  // Others may have been started inside of this one, once it was delivered.
  if (starting_ != &pending || !with_.submitted) return false;
  starting_ = nullptr;
  return pending.begun_later = true;
}

// Before it goes out of our hands.
void user_service::settle(const call& pending) noexcept {
  if (starting_ == &pending) starting_ = nullptr;
}

void user_service::admit(call& pending) {
  if (pending.context.trace.traced) pending.admitted_at = with_.steady_now();
  if (pending.out.code != status_code::ok) return deliver(pending);
  if (pending.rejected.code != status_code::ok) {
    pending.out.fail(pending.rejected.code, pending.rejected.error_id, pending.rejected.message);
    return deliver(pending);
  }
  if (may_nowhere(pending)) {
    pending.out.fail(pending.op == operation::add_human_user ? no_user_permission : no_permission);
    return deliver(pending);
  }
  const operation_row& row = row_of(pending.op);
  if (row.prepare != nullptr) return (preparation_.*row.prepare)(pending, submit_);
  if (row.traits.writes()) return submit(pending);
  if (is_too_late(with_, pending)) return deliver(pending);
  (queries_.*row.answer)(pending, deliver_read_);
}

void user_service::submit(call& pending) {
  if (pending.out.code != status_code::ok) return deliver(pending);
  if (is_too_late(with_, pending)) return deliver(pending);
  preparation_.retry(pending);
  settle(pending);
  const bool later = pending.begun_later;
  const auto lane = pending.line == 0 ? storage::lane::single : storage::lane::bulk;
  switch (with_.queue.submit(pending, lane)) {
    case storage::submit_status::accepted:
      if (later) with_.submitted(pending);
      return;
    case storage::submit_status::full:
      pending.out.fail(queue_full);
      pending.out.no_room = true;
      // A line of a bulk waits for room: this is no answer to it.
      if (pending.line != 0) return with_.deliver(pending);
      tally_of(pending).refused(refusal_reason::queue_full);
      break;
    case storage::submit_status::failed:
      pending.out.fail(store_failed);
      tally_of(pending).refused(refusal_reason::storage_failed);
      break;
    case storage::submit_status::closed:
      pending.out.fail(shutting_down);
      tally_of(pending).refused(refusal_reason::draining);
      break;
  }
  deliver(pending);
}

// What was read by a head of another token epoch may be nobody's business by then, and so may what
// was waited for: who asks is judged again, and the store is asked again.
void user_service::deliver_read(call& pending) {
  const auto epoch = std::exchange(pending.answer_epoch, std::nullopt);
  const bool over = pending.waited && pending.may_be_over(with_.now());
  const bool heeded = !epoch || *epoch == pending.token_epoch || planted(canary::stale_epoch);
  if (pending.who.trusted || (heeded && !over)) return deliver(pending);
  if (epoch) with_.token_epoch.see(*epoch);
  pending.out.clear();
  authenticator_.judge(pending, admit_);
}

void user_service::go_on(call& pending) {
  pending.in.after = pending.out.position;
  if (planted(canary::stream_skips) && pending.in.after % 8 == 7) ++pending.in.after;
  pending.out.clear();
  pending.begun = pending.waited = true;
  queries_.list_events(pending, deliver_read_);
}

tally& user_service::tally_of(const call& pending) const noexcept {
  return with_.tally.of_shard(pending.shard());
}

// Counted at its end.
void user_service::deliver(call& pending) {
  settle(pending);
  if (!pending.out.more) tally_of(pending).answered(pending.op, pending.out.code, pending.over);
  with_.deliver(pending);
}

}  // namespace factord::service
