#include "server/service/token_check.hpp"

#include <string>

#include "storage/model/records.pb.h"
#include "storage/model/stored_record.hpp"

namespace factord::service {

verdict to_verdict(std::string_view token) {
  const auto record = storage::parse_stored<storage::token_record>(token);
  verdict found;
  found.who.user_id = record.subject();
  grant& granted = found.who.grants.emplace_back();
  granted.org = record.org();
  for (const std::string& name : record.roles()) {
    if (const auto which = find_role(name)) granted.roles.add(*which);
  }
  found.expires_at = from_micros(record.expires_at());
  return found;
}

bool is_active(std::optional<std::string_view> user) {
  return !user ||
         storage::parse_stored<storage::user_record>(*user).state() == storage::USER_STATE_ACTIVE;
}

void list_token_keys(const storage::digest& credential, std::string_view subject,
                     wanted_states keys) {
  keys.token(credential);
  keys.user(subject);
}

bool is_good(const storage::digest& credential, std::string_view subject, known_states states,
             timestamp now) {
  const auto token = states.token(credential);
  if (!token || expired(to_verdict(*token).expires_at, now)) return false;
  return is_active(states.user(subject));
}

}  // namespace factord::service
