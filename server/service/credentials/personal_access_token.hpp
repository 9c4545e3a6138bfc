#pragma once

#include <functional>

#include "server/service/credentials/credential.hpp"
#include "storage/engine/log_source.hpp"

namespace factord::service {

/// The tokens that this store gives out (CreateToken): 256 random bits each, of which it keeps the
/// hash, with subject, roles and end. One that is revoked has no record; one whose subject is a
/// user of this store and not active is bad.
class personal_access_tokens final : public credential_kind {
 public:
  /// Both outlive it. `now` is the wall clock, for any thread.
  personal_access_tokens(const storage::log_source& store, const std::function<timestamp()>& now)
      : store_(store), now_(now) {}

  void judge(const shown_credential& shown, callback done) override;
  void list_keys(const storage::digest& hash, std::string_view subject,
                 storage::wanted_states keys) const override;
  [[nodiscard]] bool is_good(const storage::digest& hash, const caller& subject,
                             storage::known_states states) const override;

 private:
  const storage::log_source& store_;
  const std::function<timestamp()>& now_;
};

}  // namespace factord::service
