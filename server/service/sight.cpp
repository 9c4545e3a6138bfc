#include "server/service/sight.hpp"

#include "server/service/decision_tools.hpp"
#include "storage/model/stored_record.hpp"

namespace factord::service {
namespace {

sight sight_of_user(const question& asked, known_states states) {
  const auto bytes = states.user(asked.in.user_id);
  if (!bytes) return sight::visible;
  const auto user = storage::parse_stored<storage::user_record>(*bytes);
  if (may(asked, user.resource_owner())) return sight::visible;
  return user.state() == storage::USER_STATE_DELETED ? sight::hidden : sight::refused;
}

}  // namespace

sight sight_of(const question& asked, known_states states) {
  if (traits(asked.op).has_target) return sight_of_user(asked, states);
  return may_make(asked) ? sight::visible : sight::refused;
}

}  // namespace factord::service
