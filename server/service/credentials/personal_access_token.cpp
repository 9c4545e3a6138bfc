#include "server/service/credentials/personal_access_token.hpp"

#include <array>
#include <string>
#include <utility>

#include "storage/model/keys.hpp"
#include "storage/model/records.pb.h"
#include "storage/model/stored_record.hpp"

namespace factord::service {
namespace {

// From a token's record. It says nothing of its subject, or of the time.
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

// From the record of a subject. One that is no user of this store has no state that could bar it.
bool is_active(std::optional<std::string_view> user) {
  return !user ||
         storage::parse_stored<storage::user_record>(*user).state() == storage::USER_STATE_ACTIVE;
}

}  // namespace

// The epoch is that of the token's record: a change that comes between it and the subject's makes
// the verdict one of a past epoch.
void personal_access_tokens::judge(const storage::digest& hash, callback done) const {
  std::array<std::string, 1> keys;
  storage::set_token_key(keys[0], storage::as_bytes(hash));
  store_.read_states(keys, [this, done = std::move(done)](result<storage::states_answer> read) {
    if (!read) return done(read.error());
    judgement so_far{std::nullopt, read->head.token_epoch};
    if (read->records[0]) so_far.found = to_verdict(*read->records[0]);
    if (so_far.found && expired(so_far.found->expires_at, now_()))
      so_far = {std::nullopt, so_far.token_epoch, auth_failure::expired};
    if (!so_far.found) return done(std::move(so_far));
    judge_subject(std::move(so_far), done);
  });
}

void personal_access_tokens::judge_subject(judgement so_far, const callback& done) const {
  std::array<std::string, 1> keys;
  storage::set_user_key(keys[0], so_far.found->who.user_id);
  store_.read_states(
      keys, [so_far = std::move(so_far), done](result<storage::states_answer> read) mutable {
        if (!read) return done(read.error());
        if (!is_active(read->records[0]))
          so_far = {std::nullopt, so_far.token_epoch, auth_failure::inactive_subject};
        done(std::move(so_far));
      });
}

void personal_access_tokens::list_keys(const storage::digest& hash, std::string_view subject,
                                       storage::wanted_states keys) const {
  keys.token(hash);
  keys.user(subject);
}

bool personal_access_tokens::is_good(const storage::digest& hash, std::string_view subject,
                                     storage::known_states states, timestamp now) const {
  const auto token = states.token(hash);
  if (!token || expired(to_verdict(*token).expires_at, now)) return false;
  return is_active(states.user(subject));
}

}  // namespace factord::service
