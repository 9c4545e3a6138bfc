#include "server/service/decision_tools.hpp"

#include "storage/base/canary.hpp"
#include "storage/base/check.hpp"
#include "storage/model/keys.hpp"

namespace factord::service {

std::optional<storage::user_record> live_user(const call& work,
                                              const storage::state_table& states) {
  storage::set_user_key(work.key, work.in.user_id);
  const auto bytes = states.get(work.key);
  if (!bytes) return std::nullopt;
  storage::user_record user;
  FACTORD_CHECK(user.ParseFromArray(bytes->data(), static_cast<int>(bytes->size())));
  if (user.state() == storage::USER_STATE_DELETED) return std::nullopt;
  return user;
}

bool may(const call& work, std::string_view org) {
  const operation_traits& rules = traits(work.op);
  if (work.in.trusted || planted(canary::skip_permission)) return true;
  if (rules.self_may && work.who.user_id == work.in.user_id) return true;
  return permits(work.who, rules.needed, org);
}

bool org_decides(const call& work) {
  const operation_traits& rules = traits(work.op);
  if (work.in.trusted) return false;
  if (rules.self_may && work.who.user_id == work.in.user_id) return false;
  return reach_of(work.who, rules.needed) == reach::one_org;
}

storage::event_record& start_event(const call& work, const decision& on, storage::event_type type,
                                   std::string_view owner) {
  storage::event_record& event = on.events.blank();
  event.set_type(static_cast<std::uint32_t>(type));
  event.mutable_user_id()->assign(work.in.user_id);
  event.mutable_resource_owner()->assign(owner);
  event.mutable_creator()->assign(work.who.user_id);
  return event;
}

void finish_event(call& work, const decision& on, std::string_view owner) {
  work.out.details.sequence = on.events.append();
  work.out.details.change_date = on.at.created_at;
  work.out.details.resource_owner.assign(owner);
}

void append_event(call& work, const decision& on, storage::event_type type,
                  std::string_view owner) {
  static_cast<void>(start_event(work, on, type, owner));
  finish_event(work, on, owner);
}

}  // namespace factord::service
