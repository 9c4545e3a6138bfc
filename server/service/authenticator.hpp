#pragma once

#include <functional>

#include "server/service/call.hpp"
#include "server/service/credentials/personal_access_token.hpp"
#include "server/service/credentials/verdict_cache.hpp"
#include "server/service/environment.hpp"
#include "storage/model/hash_chain.hpp"

namespace factord::service {

/// Tells who is calling, from the Authorization field (API.md, section 5). One per shard.
class authenticator {
 public:
  using continuation = std::function<void(call&)>;

  explicit authenticator(const environment& with) : with_(with), tokens_(with.store, with.now) {}

  /// Sets `pending.who`, and by which token epoch, or fails `pending.out` with 401, and goes on
  /// with `then` on the shard's thread: before it returns where the verdict is known, else once the
  /// store has answered.
  void authenticate(call& pending, const continuation& then);
  /// The same of a call whose credential was judged before.
  void judge(call& pending, const continuation& then);

 private:
  void look_up(call& pending, const continuation& then);
  void refuse(call& pending, auth_failure why, const failure& told) const;

  const environment& with_;
  const personal_access_tokens tokens_;
  verdict_cache verdicts_;
  storage::sha256 hasher_;
};

}  // namespace factord::service
