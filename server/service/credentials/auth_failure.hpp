#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "storage/base/enum_table.hpp"

namespace factord::service {

/// Why somebody was not let in. Clients are told less.
enum class auth_failure : std::uint8_t {
  missing,           ///< no Authorization field
  malformed,         ///< not of a scheme that is known
  unknown,           ///< a credential that nobody has, or that was revoked
  expired,           ///< its time is over
  inactive_subject,  ///< of a user that is not active
  revoked,           ///< it was good when it was shown, and not when the write was decided
  format,            ///< a JWT that is none, or is one of a kind that is not taken
  claims,            ///< a JWT that is for others, of others, not yet, or of no subject
  key,               ///< a JWT by a key that its issuer does not have, or has for something else
  signature,         ///< a JWT that its key has not signed
  count_,            ///< none: how many there are
};

/// As logs and metrics have it: a promise (METRICS.md).
[[nodiscard]] constexpr std::string_view name(auth_failure why) noexcept {
  constexpr std::array<std::string_view, count_of<auth_failure>> names = {
      "missing", "malformed", "unknown", "expired", "inactive_subject",
      "revoked", "format",    "claims",  "key",     "signature"};
  return names[static_cast<std::size_t>(why)];
}

/// Why a credential cannot be judged now. It may be good: who shows it again later is told.
enum class hindrance : std::uint8_t {
  none,
  signatures,  ///< they have taken their share of the shard's time (signature_budget.hpp)
  no_keys,     ///< those of its issuer are not known
  count_,      ///< none: how many there are
};

}  // namespace factord::service
