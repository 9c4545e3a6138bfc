#pragma once

#include <functional>

#include "server/service/call.hpp"
#include "server/service/environment.hpp"
#include "server/service/queries.hpp"
#include "storage/model/hash_chain.hpp"

namespace factord::service {

/// What a decision may not do itself: draw, hash, and look up what its keys depend on. Completes
/// the question of a command, or fails its call, and goes on with `then` on the shard's thread,
/// once: before it returns, or when the store has answered. One per shard.
class preparation {
 public:
  using continuation = std::function<void(call&)>;

  preparation(const environment& with, queries& look_ups) : with_(with), queries_(look_ups) {}

  void add_human_user(call& pending, const continuation& then);
  void resend_email_code(call& pending, const continuation& then);
  void verify_email(call& pending, const continuation& then);
  void create_token(call& pending, const continuation& then);
  void revoke_token(call& pending, const continuation& then);

  /// The last step of every command: of those with an Idempotency-Key what it depends on is hashed.
  void retry(call& pending);

 private:
  void draw_email_code(call_draws& draws);

  const environment& with_;
  queries& queries_;
  storage::sha256 hasher_;
};

using prepare_function = void (preparation::*)(call& pending,
                                               const preparation::continuation& then);

}  // namespace factord::service
