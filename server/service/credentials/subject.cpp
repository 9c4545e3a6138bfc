#include "server/service/credentials/subject.hpp"

#include <array>
#include <string>
#include <utility>

#include "storage/model/keys.hpp"
#include "storage/model/stored_record.hpp"

namespace factord::service {

bool is_within_org(const storage::user_record& user) {
  return user.made_within_org() && user.state_within_org();
}

bool is_meant(const storage::user_record& user, const caller& subject) {
  return !is_within_org(user) || !subject.reaches_beyond(user.resource_owner());
}

bool is_active(const caller& subject, std::optional<std::string_view> user) {
  if (!user) return true;
  const auto record = storage::parse_stored<storage::user_record>(*user);
  return record.state() == storage::USER_STATE_ACTIVE || !is_meant(record, subject);
}

void judge_subject(const storage::log_source& store, verdict found,
                   std::optional<std::uint64_t> epoch, credential_kind::callback done) {
  std::array<std::string, 1> keys;
  storage::set_user_key(keys[0], found.who.user_id);
  store.read_states(keys, [found = std::move(found), epoch,
                           done = std::move(done)](result<storage::states_answer> read) mutable {
    if (!read) return done(read.error());
    judgement told;
    told.token_epoch = epoch.value_or(read->head.token_epoch);
    if (is_active(found.who, read->records[0])) {
      told.found = std::move(found);
    } else {
      told.why = auth_failure::inactive_subject;
    }
    done(std::move(told));
  });
}

}  // namespace factord::service
