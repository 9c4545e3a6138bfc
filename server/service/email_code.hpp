#pragma once

#include <chrono>

#include "storage/base/clock.hpp"
#include "storage/model/hash_chain.hpp"
#include "storage/model/records.pb.h"

/// Codes that verify an email: how long one lives, and which is the right one.
namespace factord::service::email_code {

inline constexpr std::chrono::hours lifetime{1};
inline constexpr std::uint32_t failures_max = 10;

/// When a code that is made now ends.
[[nodiscard]] constexpr timestamp expiry(timestamp wall) { return wall + lifetime; }

/// True while there is a code that could be guessed: made, within its hour, not void by failures.
/// A code that would live for longer than its hour (and the tolerance for a clock that is set
/// right) was made while the wall clock was ahead, and is not open.
[[nodiscard]] bool is_open(const storage::user_record& user, timestamp wall);

/// True for the hash of the user's code. Takes as long whatever is sent.
[[nodiscard]] bool matches(const storage::user_record& user, const storage::digest& sent);

}  // namespace factord::service::email_code
