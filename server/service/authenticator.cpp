#include "server/service/authenticator.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "server/service/failures.hpp"
#include "server/service/shard_callback.hpp"
#include "storage/base/ascii.hpp"

namespace factord::service {
namespace {

constexpr failure header_missing{status_code::unauthenticated, "", "auth header missing"};
constexpr failure header_invalid{status_code::unauthenticated, "AUTH-7fs1e", "invalid auth header"};

// The token of a header field, or nothing. The scheme is in any case, and one blank or more stand
// behind it (RFC 9110, section 11).
std::optional<std::string_view> bearer_token(std::string_view field) {
  constexpr std::string_view scheme = "bearer ";
  if (!same_in_any_case(field.substr(0, scheme.size()), scheme)) return std::nullopt;
  return field.substr(std::min(field.find_first_not_of(' ', scheme.size()), field.size()));
}

}  // namespace

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
  pending.kind = &tokens_;
  pending.credential = hasher_.of(*token);
  judge(pending, then);
}

void authenticator::judge(call& pending, const continuation& then) {
  pending.token_epoch = with_.token_epoch.current();
  const verdict* known = verdicts_.find(pending.credential, pending.token_epoch);
  if (known == nullptr) return look_up(pending, then);
  if (expired(known->expires_at, with_.now())) {
    refuse(pending, auth_failure::expired, token_invalid);
  } else {
    pending.who = known->who;
    pending.good_until = known->expires_at;
  }
  then(pending);
}

void authenticator::look_up(call& pending, const continuation& then) {
  pending.kind->judge(pending.credential,
                      on_shard<judgement>(with_, [this, &pending, then](result<judgement> judged) {
                        if (!judged) {
                          fail_unreadable(with_, pending, judged.error());
                          return then(pending);
                        }
                        pending.token_epoch = judged->token_epoch;
                        with_.token_epoch.see(pending.token_epoch);
                        if (judged->found) {
                          pending.who = judged->found->who;
                          pending.good_until = judged->found->expires_at;
                          verdicts_.keep(pending.credential, pending.token_epoch,
                                         std::move(*judged->found));
                        } else {
                          refuse(pending, judged->why, token_invalid);
                        }
                        then(pending);
                      }));
}

void authenticator::refuse(call& pending, auth_failure why, const failure& told) const {
  with_.tally.of_shard(pending.shard()).not_let_in(why);
  pending.out.fail(told);
}

}  // namespace factord::service
