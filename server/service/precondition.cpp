#include "server/service/precondition.hpp"

#include "server/service/decision_tools.hpp"
#include "storage/model/stored_record.hpp"

namespace factord::service {
namespace {

// Whom the caller has a right to hear of.
enum class sight { visible, hidden, refused };

// A removed user keeps its owner, so that nobody else learns that there was one.
sight sight_of_user(const question& asked, known_states states) {
  const auto bytes = states.user(asked.in.user_id);
  if (!bytes) return sight::visible;
  const auto user = storage::parse_stored<storage::user_record>(*bytes);
  if (may(asked, user.resource_owner())) return sight::visible;
  return user.state() == storage::USER_STATE_DELETED ? sight::hidden : sight::refused;
}

sight sight_of(const question& asked, known_states states) {
  if (traits(asked.op).has_target) return sight_of_user(asked, states);
  return may(asked, asked.in.org) ? sight::visible : sight::refused;
}

}  // namespace

void list_precondition_keys(const question& asked, wanted_states keys) {
  if (!asked.in.tags.given() || asked.in.user_id.empty()) return;
  keys.user(asked.in.user_id);
  keys.last_event(asked.in.user_id);
}

bool precondition_failed(const question& asked, const decision& on, answer& out) {
  if (!asked.in.tags.given()) return false;
  const sight seen = sight_of(asked, on.states);
  if (seen == sight::refused) return false;
  // A user who is to be added, with an id that is yet to be given, is nobody.
  const bool known = seen == sight::visible && !asked.in.user_id.empty();
  if (known && asked.in.tags.match(on.states.last_event(asked.in.user_id))) return false;
  out.fail(tag_mismatch);
  return true;
}

}  // namespace factord::service
