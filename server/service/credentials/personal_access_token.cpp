#include "server/service/credentials/personal_access_token.hpp"

#include <array>
#include <string>
#include <utility>

#include "server/service/credentials/subject.hpp"
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

}  // namespace

void personal_access_tokens::judge(const shown_credential& shown, callback done) {
  std::array<std::string, 1> keys;
  storage::set_token_key(keys[0], storage::as_bytes(shown.hash));
  store_.read_states(keys, [this, done = std::move(done)](result<storage::states_answer> read) {
    if (!read) return done(read.error());
    const std::uint64_t epoch = read->head.token_epoch;
    if (!read->records[0]) return done(judgement{std::nullopt, epoch});
    verdict found = to_verdict(*read->records[0]);
    if (expired(found.expires_at, now_()))
      return done(judgement{std::nullopt, epoch, auth_failure::expired});
    judge_subject(store_, std::move(found), epoch, done);
  });
}

void personal_access_tokens::list_keys(const storage::digest& hash, std::string_view subject,
                                       storage::wanted_states keys) const {
  keys.token(hash);
  keys.user(subject);
}

bool personal_access_tokens::is_good(const storage::digest& hash, const caller& subject,
                                     storage::known_states states) const {
  return states.token(hash) && is_active(subject, states.user(subject.user_id));
}

}  // namespace factord::service
