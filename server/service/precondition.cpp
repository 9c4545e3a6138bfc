#include "server/service/precondition.hpp"

#include "server/service/failures.hpp"
#include "server/service/sight.hpp"

namespace factord::service {

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
