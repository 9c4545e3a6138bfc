#include "server/service/user_service.hpp"

#include <utility>

#include "server/service/deadline.hpp"
#include "server/service/decision_tools.hpp"
#include "storage/base/canary.hpp"
#include "storage/model/keys.hpp"

namespace factord::service {
namespace {

constexpr failure organization_required{status_code::invalid_argument, "",
                                        "organization is required"};
constexpr failure queue_full{status_code::unavailable, "", "too many writes are waiting"};
constexpr failure store_failed{status_code::unavailable, "", "storage failed"};
constexpr failure shutting_down{status_code::unavailable, "", "the server is shutting down"};

/// Who acts where the admin socket does.
constexpr std::string_view system_user = "SYSTEM";

// True where no look-up could give the caller the right to this.
bool hopeless(const call& work) {
  const operation_traits& rules = traits(work.op);
  if (work.in.trusted) return false;
  if (rules.self_may && work.who.user_id == work.in.user_id) return false;
  return reach_of(work.who, rules.needed) == reach::nowhere;
}

// What ZITADEL gives a user of whom less was said.
void fill_in_names(call_input& in) {
  if (in.username.empty()) in.username = in.email;
  if (in.person.display_name().empty()) {
    in.person.set_display_name(in.person.given_name() + " " + in.person.family_name());
  }
}

}  // namespace

user_service::user_service(const environment& with)
    : with_(with),
      authenticator_(with_),
      queries_(with_),
      admit_([this](call& work) { admit(work); }) {}

void user_service::start(call& work) {
  work.tally = &with_.tally;
  if (work.in.trusted) {
    work.who.user_id.assign(system_user);
    return admit(work);
  }
  authenticator_.authenticate(work, admit_);
}

void user_service::admit(call& work) {
  if (work.out.code != status_code::ok) return deliver(work);
  if (work.rejected.code != status_code::ok) {
    work.out.fail(work.rejected.code, work.rejected.error_id, work.rejected.message);
    return deliver(work);
  }
  if (hopeless(work)) {
    work.out.fail(work.op == operation::add_human_user ? no_user_permission : no_permission);
    return deliver(work);
  }
  if (traits(work.op).writes) return prepare(work);
  if (is_too_late(with_, work)) return deliver(work);
  queries_.answer(work, [this](call& done) { deliver_read(done); });
}

// What a decision may not do itself: draw, hash, and look up what its keys depend on.
void user_service::prepare(call& work) {
  switch (work.op) {
    case operation::add_human_user:
      return draw_new_user(work);
    case operation::verify_email:
      work.draws.code_hash = hasher_.of(work.in.verification_code);
      return submit(work);
    case operation::create_token:
      for (std::string& id : work.draws.ids) id = draw_id(with_.random);
      work.out.token = draw_token(with_.random);
      work.draws.token_hash = hasher_.of(work.out.token);
      return submit(work);
    case operation::revoke_token:
      return queries_.find_token(work, [this](call& found) {
        found.out.code == status_code::ok ? submit(found) : deliver(found);
      });
    default:
      return submit(work);
  }
}

void user_service::draw_new_user(call& work) {
  fill_in_names(work.in);
  if (work.in.user_id.empty()) {
    for (std::string& id : work.draws.ids) id = draw_id(with_.random);
  }
  if (work.in.return_code) {
    work.out.email_code = draw_verification_code(with_.random);
    work.draws.code_hash = hasher_.of(work.out.email_code);
  }
  if (!work.in.org.empty()) return submit(work);
  // The org of a user never changes, so it may be read before the decision.
  queries_.find_callers_org(work, [this](call& found) {
    if (found.out.code == status_code::ok && found.in.org.empty()) {
      found.out.fail(organization_required);
    }
    found.out.code == status_code::ok ? submit(found) : deliver(found);
  });
}

void user_service::submit(call& work) {
  if (is_too_late(with_, work)) return deliver(work);
  switch (with_.queue.submit(work)) {
    case storage::submit_status::accepted:
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

// What was read by a head of another token epoch may be nobody's business by then: who asks is
// judged again, and the store is asked again.
void user_service::deliver_read(call& work) {
  const std::uint64_t epoch = work.out.head.token_epoch;
  const bool was_read =
      work.out.code != status_code::unavailable && work.out.code != status_code::cancelled;
  const bool heeded = epoch == work.token_epoch || planted(canary::stale_epoch);
  if (work.in.trusted || !was_read || heeded) return deliver(work);
  with_.token_epoch.see(epoch);
  work.out.clear();
  authenticator_.judge(work, admit_);
}

void user_service::deliver(call& work) {
  with_.tally.answered(work.op, work.out.code);
  with_.deliver(work);
}

}  // namespace factord::service
