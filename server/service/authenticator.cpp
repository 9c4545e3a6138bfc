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

void authenticator::authenticate(call& work, const continuation& then) {
  if (!work.in.has_authorization) {
    work.out.fail(header_missing);
    return then(work);
  }
  const auto token = bearer_token(work.in.authorization);
  if (!token) {
    work.out.fail(header_invalid);
    return then(work);
  }
  work.kind = &tokens_;
  work.credential = hasher_.of(*token);
  judge(work, then);
}

void authenticator::judge(call& work, const continuation& then) {
  work.token_epoch = with_.token_epoch.current();
  const verdict* known = verdicts_.find(work.credential, work.token_epoch);
  if (known == nullptr) return look_up(work, then);
  if (expired(known->expires_at, with_.now())) {
    work.out.fail(token_invalid);
  } else {
    work.who = known->who;
    work.good_until = known->expires_at;
  }
  then(work);
}

void authenticator::look_up(call& work, const continuation& then) {
  work.kind->judge(work.credential,
                   on_shard<judgement>(with_, [this, &work, then](result<judgement> judged) {
                     if (!judged) {
                       fail_unreadable(with_, work, judged.error());
                       return then(work);
                     }
                     work.token_epoch = judged->token_epoch;
                     with_.token_epoch.see(work.token_epoch);
                     if (judged->found) {
                       work.who = judged->found->who;
                       work.good_until = judged->found->expires_at;
                       verdicts_.keep(work.credential, work.token_epoch, std::move(*judged->found));
                     } else {
                       work.out.fail(token_invalid);
                     }
                     then(work);
                   }));
}

}  // namespace factord::service
