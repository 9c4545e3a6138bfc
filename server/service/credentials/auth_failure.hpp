#pragma once

#include <cstdint>

namespace factord::service {

/// Why somebody was not let in. Clients are told less.
enum class auth_failure : std::uint8_t {
  missing,           ///< no Authorization field
  malformed,         ///< not of a scheme that is known
  unknown,           ///< a credential that nobody has, or that was revoked
  expired,           ///< its time is over
  inactive_subject,  ///< of a user that is not active
  revoked,           ///< it was good when it was shown, and not when the write was decided
  count_,            ///< none: how many there are
};

}  // namespace factord::service
