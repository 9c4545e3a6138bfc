#include "server/service/credentials/json_web_token.hpp"

#include <utility>

#include "server/service/credentials/subject.hpp"
#include "storage/base/check.hpp"

namespace factord::service {
namespace {

// What clients are told is less, and the same for each.
auth_failure failure_of(jwt::refusal why) {
  switch (jwt::group(why)) {
    case jwt::refusal_group::claims:
      return auth_failure::claims;
    case jwt::refusal_group::expired:
      return auth_failure::expired;
    case jwt::refusal_group::key:
      return auth_failure::key;
    case jwt::refusal_group::signature:
      return auth_failure::signature;
    case jwt::refusal_group::format:
    case jwt::refusal_group::no_keys:
      break;
  }
  return auth_failure::format;
}

judgement refused(jwt::refusal why) {
  judgement told;
  told.why = failure_of(why);
  told.rule = name(why);
  return told;
}

judgement hindered(hindrance by) {
  judgement told;
  told.not_now = by;
  return told;
}

// A role holds where its kind does: one of all organizations by a claim of none, one of an
// organization by a claim of that.
std::vector<grant> to_grants(const std::vector<jwt::org_roles>& claimed,
                             const std::vector<role>& meanings) {
  std::vector<grant> grants;
  for (const jwt::org_roles& one : claimed) {
    grant granted;
    for (const std::size_t index : one.roles) {
      const role means = meanings[index];
      if (holds_everywhere(means) == one.org.empty()) granted.roles.add(means);
    }
    if (granted.roles.empty()) continue;
    granted.org = one.org;
    grants.push_back(std::move(granted));
  }
  return grants;
}

}  // namespace

json_web_tokens::json_web_tokens(const storage::log_source& store, const jwt_issuers& issuers,
                                 const std::function<timestamp()>& now,
                                 const steady_clock& steady_now)
    : store_(store), issuers_(issuers), now_(now), steady_now_(steady_now) {
  FACTORD_CHECK(issuers.meanings.size() == issuers.trusted.size());
  for (std::size_t i = 0; i < issuers.trusted.size(); ++i)
    FACTORD_CHECK(issuers.meanings[i].size() == issuers.trusted[i].rules.roles.size());
}

void json_web_tokens::judge(const shown_credential& shown, callback done) {
  opinion told = find_out(shown);
  if (const auto* why = std::get_if<jwt::refusal>(&told)) return done(refused(*why));
  if (const auto* by = std::get_if<hindrance>(&told)) return done(hindered(*by));
  judge_subject(store_, std::get<verdict>(std::move(told)), std::nullopt, std::move(done));
}

json_web_tokens::opinion json_web_tokens::find_out(const shown_credential& shown) {
  const timestamp now = now_();
  if (const verdict* known = proofs_.find(shown.hash, now)) return *known;
  if (const auto why = refusals_.find(shown.hash, steady_now_())) return *why;
  auto token = jwt::read_token(shown.text, issuers_.trusted, now);
  if (token) return verify(shown.hash, std::move(*token));
  if (token.error() == jwt::refusal::no_keys) return hindrance::no_keys;
  return token.error();
}

json_web_tokens::opinion json_web_tokens::verify(const storage::digest& hash,
                                                 jwt::unproven_token token) {
  const auto begun_at = steady_now_();
  if (!budget_.has_room(begun_at)) return hindrance::signatures;
  const std::size_t issuer = token.issuer;
  const standing by{issuers_.trusted[issuer].keys, token.generation};
  auto proven = jwt::prove(std::move(token));
  const auto ended_at = steady_now_();
  budget_.spend(ended_at - begun_at);
  if (proven && proven->says.subject == system_user) proven = jwt::refusal::subject;
  if (!proven) {
    refusals_.keep(hash, proven.error(), by, ended_at);
    return proven.error();
  }
  verdict found;
  found.who.user_id = std::move(proven->says.subject);
  found.who.grants = to_grants(proven->roles, issuers_.meanings[issuer]);
  found.expires_at = proven->says.expires_at;
  found.stands = by;
  proofs_.keep(hash, found);
  return found;
}

void json_web_tokens::list_keys(const storage::digest&, std::string_view subject,
                                storage::wanted_states keys) const {
  keys.user(subject);
}

bool json_web_tokens::is_good(const storage::digest&, const caller& subject,
                              storage::known_states states) const {
  return is_active(subject, states.user(subject.user_id));
}

}  // namespace factord::service
