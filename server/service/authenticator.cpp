#include "server/service/authenticator.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "server/base/log.hpp"
#include "server/service/failures.hpp"
#include "server/service/shard_callback.hpp"
#include "storage/base/ascii.hpp"
#include "storage/base/canary.hpp"

namespace factord::service {
namespace {

constexpr failure header_missing{status_code::unauthenticated, "", "auth header missing"};
constexpr failure header_invalid{status_code::unauthenticated, "AUTH-7fs1e", "invalid auth header"};
constexpr failure no_time{status_code::unavailable, "", "too many new tokens are to be verified"};
constexpr failure no_keys{status_code::unavailable, "",
                          "the keys of the token's issuer are not known"};

// The token of a header field, or nothing. The scheme is in any case, and one blank or more stand
// behind it (RFC 9110, section 11).
std::optional<std::string_view> bearer_token(std::string_view field) {
  constexpr std::string_view scheme = "bearer ";
  if (!same_in_any_case(field.substr(0, scheme.size()), scheme)) return std::nullopt;
  return field.substr(std::min(field.find_first_not_of(' ', scheme.size()), field.size()));
}

// A key of its issuer may be gone, by which it was found good.
bool is_void(const verdict& known) noexcept {
  return !known.stands.holds() && !planted(canary::stale_keys);
}

}  // namespace

authenticator::authenticator(const environment& with)
    : with_(with),
      tokens_(with.store, with.now),
      jwts_(with.issuers == nullptr ? nullptr
                                    : std::make_unique<json_web_tokens>(
                                          with.store, *with.issuers, with.now, with.steady_now)) {}

void authenticator::authenticate(call& pending, const continuation& then) {
  if (!pending.in.has_authorization) {
    refuse(pending, auth_failure::missing, header_missing);
    return then(pending);
  }
  const auto token = bearer_token(pending.in.authorization);
  if (!token) {
    refuse(pending, auth_failure::malformed, header_invalid);
    return then(pending);
  }
  if (jwts_ != nullptr && jwt::looks_like_token(*token)) {
    pending.kind = jwts_.get();
    pending.credential = jwt_digests_.of(*token);
  } else {
    pending.kind = &tokens_;
    pending.credential = hasher_.of(*token);
  }
  judge(pending, then);
}

void authenticator::judge(call& pending, const continuation& then) {
  pending.token_epoch = with_.token_epoch.current();
  const verdict* known = verdicts_.find(pending.credential, pending.token_epoch);
  if (known == nullptr || is_void(*known)) return look_up(pending, then);
  if (expired(known->expires_at, with_.now())) {
    refuse(pending, auth_failure::expired, token_invalid);
  } else {
    pending.who = known->who;
    pending.good_until = known->expires_at;
    pending.stands = known->stands;
  }
  then(pending);
}

void authenticator::look_up(call& pending, const continuation& then) {
  // It was there when its kind was told, and it stays.
  const std::string_view text = *bearer_token(pending.in.authorization);
  pending.kind->judge({text, pending.credential},
                      on_shard<judgement>(with_, [this, &pending, then](result<judgement> judged) {
                        if (judged) {
                          take(pending, std::move(*judged));
                        } else {
                          fail_unreadable(with_, pending, judged.error());
                        }
                        then(pending);
                      }));
}

void authenticator::take(call& pending, judgement judged) {
  if (judged.not_now != hindrance::none) return hinder(pending, judged.not_now);
  pending.token_epoch = judged.token_epoch;
  with_.token_epoch.see(pending.token_epoch);
  if (!judged.found) return refuse(pending, judged.why, token_invalid, judged.rule);
  pending.who = judged.found->who;
  pending.good_until = judged.found->expires_at;
  pending.stands = judged.found->stands;
  verdicts_.keep(pending.credential, pending.token_epoch, std::move(*judged.found));
}

// Of what was shown nothing is logged: it may be good elsewhere, or nearly.
void authenticator::refuse(call& pending, auth_failure why, const failure& told,
                           std::string_view rule) const {
  with_.tally.of_shard(pending.shard()).not_let_in(why);
  log::debug("a credential was refused", {{"operation", traits(pending.op).name},
                                          {"reason", name(why)},
                                          {"rule", rule.empty() ? name(why) : rule}});
  pending.out.fail(told);
}

void authenticator::hinder(call& pending, hindrance by) const {
  const bool of_time = by == hindrance::signatures;
  const failure& told = of_time ? no_time : no_keys;
  with_.tally.of_shard(pending.shard())
      .refused(of_time ? refusal_reason::signatures : refusal_reason::no_keys);
  repeated_line& lines = with_.tally.hindered()[static_cast<std::size_t>(by)];
  if (const auto times = lines.due(with_.steady_now()); times > 0)
    log::warn("tokens are not judged", {{"cause", told.message}, {"times", times}});
  pending.out.fail(told);
}

}  // namespace factord::service
