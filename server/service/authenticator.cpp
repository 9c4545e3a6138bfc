#include "server/service/authenticator.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "server/base/ascii.hpp"
#include "server/service/shard_callback.hpp"
#include "storage/base/check.hpp"
#include "storage/model/keys.hpp"
#include "storage/model/records.pb.h"

namespace factord::service {
namespace {

constexpr failure header_missing{status_code::unauthenticated, "", "auth header missing"};
constexpr failure header_invalid{status_code::unauthenticated, "AUTH-7fs1e", "invalid auth header"};
constexpr failure token_invalid{status_code::unauthenticated, "AUTH-7fs1e", "Errors.Token.Invalid"};

// The token of a header field, or nothing. The scheme is in any case, and one blank or more stand
// behind it (RFC 9110, section 11).
std::optional<std::string_view> bearer_token(std::string_view field) {
  constexpr std::string_view scheme = "bearer ";
  if (!same_in_any_case(field.substr(0, scheme.size()), scheme)) return std::nullopt;
  return field.substr(std::min(field.find_first_not_of(' ', scheme.size()), field.size()));
}

bool expired(timestamp expires_at, timestamp now) {
  return expires_at != timestamp{} && now >= expires_at;
}

verdict to_verdict(const std::string& bytes) {
  storage::token_record token;
  FACTORD_CHECK(token.ParseFromString(bytes));
  verdict found;
  found.who.user_id = token.subject();
  found.who.org = token.org();
  for (const std::string& name : token.roles()) {
    if (const auto which = find_role(name)) found.who.roles.add(*which);
  }
  found.expires_at = from_micros(token.expires_at());
  return found;
}

// A subject that is no user of this store has no state that could bar it.
bool is_active(const std::optional<std::string>& bytes) {
  if (!bytes) return true;
  storage::user_record user;
  FACTORD_CHECK(user.ParseFromString(*bytes));
  return user.state() == storage::USER_STATE_ACTIVE;
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
  work.draws.token_hash = hasher_.of(*token);
  const verdict* known = verdicts_.find(work.draws.token_hash, with_.generation.current());
  if (known == nullptr) return look_up_token(work, then);
  if (expired(known->expires_at, with_.now())) {
    work.out.fail(token_invalid);
  } else {
    work.who = known->who;
  }
  then(work);
}

// The generation is read before the token and its subject are: a change that comes in between
// makes the verdict one of a past generation, which is not kept.
void authenticator::look_up_token(call& work, const continuation& then) {
  const std::uint64_t generation = with_.generation.current();
  std::array<std::string, 1> keys;
  storage::set_token_key(keys[0], storage::as_bytes(work.draws.token_hash));
  with_.store.read_states(
      keys, on_shard<storage::states_answer>(
                with_, [this, &work, generation, then](result<storage::states_answer> read) {
                  if (!read) {
                    fail_unreadable(with_, work, read.error());
                    return then(work);
                  }
                  if (!read->records[0]) {
                    work.out.fail(token_invalid);
                    return then(work);
                  }
                  verdict found = to_verdict(*read->records[0]);
                  if (expired(found.expires_at, with_.now())) {
                    work.out.fail(token_invalid);
                    return then(work);
                  }
                  look_up_subject(work, std::move(found), generation, then);
                }));
}

void authenticator::look_up_subject(call& work, verdict found, std::uint64_t generation,
                                    const continuation& then) {
  std::array<std::string, 1> keys;
  storage::set_user_key(keys[0], found.who.user_id);
  with_.store.read_states(keys, on_shard<storage::states_answer>(
                                    with_, [this, &work, found = std::move(found), generation,
                                            then](result<storage::states_answer> read) {
                                      if (!read) {
                                        fail_unreadable(with_, work, read.error());
                                      } else if (!is_active(read->records[0])) {
                                        work.out.fail(token_invalid);
                                      } else {
                                        work.who = found.who;
                                        verdicts_.keep(work.draws.token_hash, generation, found);
                                      }
                                      then(work);
                                    }));
}

}  // namespace factord::service
