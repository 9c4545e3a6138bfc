#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "server/service/call.hpp"
#include "server/service/credentials/json_web_token.hpp"
#include "server/service/credentials/personal_access_token.hpp"
#include "server/service/credentials/token_digests.hpp"
#include "server/service/credentials/verdict_cache.hpp"
#include "server/service/environment.hpp"
#include "storage/model/hash_chain.hpp"

namespace factord::service {

/// Tells who is calling, from the Authorization field (API.md, section 5). One per shard.
class authenticator {
 public:
  using continuation = std::function<void(call&)>;

  explicit authenticator(const environment& with);

  /// Sets `pending.who`, and by which token epoch, or fails `pending.out` with 401, or 503 where
  /// that cannot be said now, and goes on with `then` on the shard's thread: before it returns
  /// where the verdict is known, else once the store has answered.
  void authenticate(call& pending, const continuation& then);
  /// The same of a call whose credential was judged before.
  void judge(call& pending, const continuation& then);

 private:
  void look_up(call& pending, const continuation& then);
  void take(call& pending, judgement judged);
  void refuse(call& pending, auth_failure why, const failure& told,
              std::string_view rule = {}) const;
  void hinder(call& pending, hindrance by) const;

  const environment& with_;
  personal_access_tokens tokens_;
  const std::unique_ptr<json_web_tokens> jwts_;  ///< null where no issuer is trusted
  verdict_cache verdicts_;
  token_digests jwt_digests_;
  storage::sha256 hasher_;
};

}  // namespace factord::service
