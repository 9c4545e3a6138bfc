#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "server/service/credentials/auth_failure.hpp"
#include "server/service/credentials/caller.hpp"
#include "server/service/credentials/standing.hpp"
#include "storage/base/clock.hpp"
#include "storage/base/error.hpp"
#include "storage/model/hash_chain.hpp"
#include "storage/model/named_states.hpp"

namespace factord::service {

/// What a good credential says.
struct verdict {
  caller who;
  timestamp expires_at{};  ///< 0: never
  standing stands;         ///< who keeps it looks whether that holds
};

/// 0 is never.
[[nodiscard]] inline bool expired(timestamp expires_at, timestamp now) noexcept {
  return expires_at != timestamp{} && now >= expires_at;
}

/// A verdict, or nothing for whatever is bad, and the token epoch of the head by which it is so.
struct judgement {
  std::optional<verdict> found;
  std::uint64_t token_epoch = 0;             ///< 0 where the store was not asked
  auth_failure why = auth_failure::unknown;  ///< where nothing was found
  std::string_view rule = {};                ///< static: which one of that, for the log; or empty
  hindrance not_now = hindrance::none;       ///< other than that: nothing was found out
};

/// What somebody shows.
struct shown_credential {
  std::string_view text;
  const storage::digest& hash;  ///< its SHA-256
};

/// A kind of bearer credential: tells who shows it. Judges on the thread of its shard; the rest is
/// any thread's.
///
/// A verdict is good for as long as the head of the log has the token epoch that it is of
/// (storage::log_head), and until it expires, and as long as its standing holds: who keeps it looks
/// at all three. A decision whose states are of another epoch looks at its end, asks for the states
/// that the credential stands on, and judges it by them.
class credential_kind {
 public:
  using callback = std::function<void(result<judgement>)>;

  credential_kind() = default;
  credential_kind(const credential_kind&) = delete;
  credential_kind& operator=(const credential_kind&) = delete;
  virtual ~credential_kind() = default;

  /// Judges what is shown, which is not used once this has returned. `done` is called once, before
  /// that or later on another thread; an error is one of reading the store.
  virtual void judge(const shown_credential& shown, callback done) = 0;

  /// Asks for what a credential of this subject, found good before, stands on.
  virtual void list_keys(const storage::digest& hash, std::string_view subject,
                         storage::wanted_states keys) const = 0;
  /// Whether it is good by these states, which were asked for. What it grants, to whom and until
  /// when never changes, and is in `subject`.
  [[nodiscard]] virtual bool is_good(const storage::digest& hash, const caller& subject,
                                     storage::known_states states) const = 0;
};

}  // namespace factord::service
