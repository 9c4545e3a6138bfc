#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "server/service/credentials/auth_failure.hpp"
#include "server/service/credentials/caller.hpp"
#include "storage/base/clock.hpp"
#include "storage/base/error.hpp"
#include "storage/model/hash_chain.hpp"
#include "storage/model/named_states.hpp"

namespace factord::service {

/// What a good credential says.
struct verdict {
  caller who;
  timestamp expires_at{};  ///< 0: never
};

/// 0 is never.
[[nodiscard]] inline bool expired(timestamp expires_at, timestamp now) noexcept {
  return expires_at != timestamp{} && now >= expires_at;
}

/// A verdict, or nothing for whatever is bad, and the token epoch of the head by which it is so.
struct judgement {
  std::optional<verdict> found;
  std::uint64_t token_epoch = 0;
  auth_failure why = auth_failure::unknown;  ///< where nothing was found
};

/// A kind of bearer credential: tells who shows it. Any thread.
///
/// A verdict is good for as long as the head of the log has the token epoch that it is of
/// (storage::log_head), and until it expires: who keeps it looks at both. A decision whose states
/// are of another epoch asks for the states that the credential stands on, and judges it by them.
class credential_kind {
 public:
  using callback = std::function<void(result<judgement>)>;

  credential_kind() = default;
  credential_kind(const credential_kind&) = delete;
  credential_kind& operator=(const credential_kind&) = delete;
  virtual ~credential_kind() = default;

  /// Judges a token by its SHA-256. `done` is called once, before this returns or later on another
  /// thread; an error is one of reading the store.
  virtual void judge(const storage::digest& hash, callback done) const = 0;

  /// Asks for what a credential of this subject, found good before, stands on.
  virtual void list_keys(const storage::digest& hash, std::string_view subject,
                         storage::wanted_states keys) const = 0;
  /// Whether it is good by these states, which were asked for. What it grants, and to whom, never
  /// changes.
  [[nodiscard]] virtual bool is_good(const storage::digest& hash, std::string_view subject,
                                     storage::known_states states, timestamp now) const = 0;
};

}  // namespace factord::service
