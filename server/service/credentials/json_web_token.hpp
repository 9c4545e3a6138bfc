#pragma once

#include <chrono>
#include <functional>
#include <variant>

#include "server/jwt/token.hpp"
#include "server/service/credentials/credential.hpp"
#include "server/service/credentials/jwt_issuers.hpp"
#include "server/service/credentials/proof_cache.hpp"
#include "server/service/credentials/refusal_cache.hpp"
#include "server/service/credentials/signature_budget.hpp"
#include "storage/engine/log_source.hpp"

namespace factord::service {

/// JWTs of issuers that are trusted (server/jwt). The subject is `sub`; if that is a user of this
/// store, its state bars the token, as it does those of our own. One per shard.
///
/// ORG_ roles come of claims that name organizations alone, and hold on those; IAM_ roles of claims
/// that name none. What a map says beside that grants nothing. Nobody is the admin socket
/// (system_user).
class json_web_tokens final : public credential_kind {
 public:
  using steady_clock = std::function<std::chrono::steady_clock::time_point()>;

  /// All of it outlives this. `now` is the wall clock.
  json_web_tokens(const storage::log_source& store, const jwt_issuers& issuers,
                  const std::function<timestamp()>& now, const steady_clock& steady_now);

  void judge(const shown_credential& shown, callback done) override;
  void list_keys(const storage::digest& hash, std::string_view subject,
                 storage::wanted_states keys) const override;
  [[nodiscard]] bool is_good(const storage::digest& hash, const caller& subject,
                             storage::known_states states) const override;

 private:
  /// What a token says, or why it cannot be said.
  using opinion = std::variant<verdict, jwt::refusal, hindrance>;

  [[nodiscard]] opinion find_out(const shown_credential& shown);
  [[nodiscard]] opinion verify(const storage::digest& hash, jwt::unproven_token token);

  const storage::log_source& store_;
  const jwt_issuers& issuers_;
  const std::function<timestamp()>& now_;
  const steady_clock& steady_now_;
  proof_cache proofs_;
  refusal_cache refusals_;
  signature_budget budget_;
};

}  // namespace factord::service
