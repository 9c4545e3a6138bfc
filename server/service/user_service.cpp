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

/// Who acts where the admin socket does.
constexpr std::string_view system_user = "SYSTEM";

}  // namespace

user_service::user_service(const environment& with)
    : with_(with),
      authenticator_(with_),
      queries_(with_),
      preparation_(with_, queries_),
      admit_([this](call& work) { admit(work); }),
      submit_([this](call& work) { submit(work); }),
      deliver_read_([this](call& work) { deliver_read(work); }) {}

bool user_service::start(call& work) {
  work.tally = &with_.tally;
  starting_ = &work;
  if (work.who.trusted) {
    work.who.user_id.assign(system_user);
    admit(work);
  } else {
    authenticator_.authenticate(work, admit_);
  }
  // Others may have been started inside of this one, once it was delivered.
  if (starting_ != &work || !with_.submitted) return false;
  starting_ = nullptr;
  return work.begun_later = true;
}

// Before it goes out of our hands.
void user_service::settle(const call& work) noexcept {
  if (starting_ == &work) starting_ = nullptr;
}

void user_service::admit(call& work) {
  if (work.out.code != status_code::ok) return deliver(work);
  if (work.rejected.code != status_code::ok) {
    work.out.fail(work.rejected.code, work.rejected.error_id, work.rejected.message);
    return deliver(work);
  }
  if (may_nowhere(work)) {
    work.out.fail(work.op == operation::add_human_user ? no_user_permission : no_permission);
    return deliver(work);
  }
  const operation_row& row = row_of(work.op);
  if (row.prepare != nullptr) return (preparation_.*row.prepare)(work, submit_);
  if (row.traits.writes()) return submit(work);
  if (is_too_late(with_, work)) return deliver(work);
  (queries_.*row.answer)(work, deliver_read_);
}

void user_service::submit(call& work) {
  if (work.out.code != status_code::ok) return deliver(work);
  if (is_too_late(with_, work)) return deliver(work);
  preparation_.retry(work);
  settle(work);
  const bool later = work.begun_later;
  switch (with_.queue.submit(work)) {
    case storage::submit_status::accepted:
      if (later) with_.submitted(work);
      return;
    case storage::submit_status::full:
      work.out.fail(queue_full);
      break;
    case storage::submit_status::failed:
      work.out.fail(store_failed);
      break;
    case storage::submit_status::closed:
      work.out.fail(shutting_down);
      break;
  }
  deliver(work);
}

// What was read by a head of another token epoch may be nobody's business by then, and so may what
// was waited for: who asks is judged again, and the store is asked again.
void user_service::deliver_read(call& work) {
  const auto epoch = std::exchange(work.answer_epoch, std::nullopt);
  const bool over = work.waited && expired(work.good_until, with_.now());
  const bool heeded = !epoch || *epoch == work.token_epoch || planted(canary::stale_epoch);
  if (work.who.trusted || (heeded && !over)) return deliver(work);
  if (epoch) with_.token_epoch.see(*epoch);
  work.out.clear();
  authenticator_.judge(work, admit_);
}

void user_service::go_on(call& work) {
  work.in.after = work.out.position;
  if (planted(canary::stream_skips) && work.in.after % 8 == 7) ++work.in.after;
  work.out.clear();
  work.begun = work.waited = true;
  queries_.list_events(work, deliver_read_);
}

// Counted at its end.
void user_service::deliver(call& work) {
  settle(work);
  if (!work.out.more) with_.tally.answered(work.op, work.out.code);
  with_.deliver(work);
}

}  // namespace factord::service
