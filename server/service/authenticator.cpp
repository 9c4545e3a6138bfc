#include "server/service/authenticator.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "server/service/shard_callback.hpp"
#include "server/service/token_check.hpp"
#include "storage/base/ascii.hpp"
#include "storage/model/keys.hpp"

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
  work.credential = hasher_.of(*token);
  judge(work, then);
}

void authenticator::judge(call& work, const continuation& then) {
  work.token_epoch = with_.token_epoch.current();
  const verdict* known = verdicts_.find(work.credential, work.token_epoch);
  if (known == nullptr) return look_up_token(work, then);
  if (expired(known->expires_at, with_.now())) {
    work.out.fail(token_invalid);
  } else {
    work.who = known->who;
  }
  then(work);
}

// The epoch is that of the token's record: a change that comes between it and the subject's makes
// the verdict one of a past epoch.
void authenticator::look_up_token(call& work, const continuation& then) {
  std::array<std::string, 1> keys;
  storage::set_token_key(keys[0], storage::as_bytes(work.credential));
  with_.store.read_states(keys,
                          on_shard<storage::states_answer>(
                              with_, [this, &work, then](result<storage::states_answer> read) {
                                if (!read) {
                                  fail_unreadable(with_, work, read.error());
                                  return then(work);
                                }
                                work.token_epoch = read->head.token_epoch;
                                with_.token_epoch.see(work.token_epoch);
                                if (!read->records[0]) {
                                  work.out.fail(token_invalid);
                                  return then(work);
                                }
                                verdict found = to_verdict(*read->records[0]);
                                if (expired(found.expires_at, with_.now())) {
                                  work.out.fail(token_invalid);
                                  return then(work);
                                }
                                look_up_subject(work, std::move(found), then);
                              }));
}

void authenticator::look_up_subject(call& work, verdict found, const continuation& then) {
  std::array<std::string, 1> keys;
  storage::set_user_key(keys[0], found.who.user_id);
  with_.store.read_states(
      keys, on_shard<storage::states_answer>(with_, [this, &work, found = std::move(found),
                                                     then](result<storage::states_answer> read) {
        if (!read) {
          fail_unreadable(with_, work, read.error());
        } else if (!is_active(read->records[0])) {
          work.out.fail(token_invalid);
        } else {
          work.who = found.who;
          verdicts_.keep(work.credential, work.token_epoch, found);
        }
        then(work);
      }));
}

}  // namespace factord::service
