#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace factord::storage {

/// Every kind of event. The numbers are part of the storage format: append, never renumber.
enum class event_type : std::uint32_t {
  human_added = 1,
  email_code_added = 2,
  email_verified = 3,
  email_verification_failed = 4,
  otp_email_added = 5,
  otp_email_removed = 6,
  locked = 7,
  unlocked = 8,
  deactivated = 9,
  reactivated = 10,
  removed = 11,
  token_added = 12,
  token_removed = 13,
  count_,  ///< none: one above the last
};

inline constexpr std::uint32_t event_type_count =
    static_cast<std::uint32_t>(event_type::count_) - 1;

/// The public name, e.g. "user.human.mfa.otp.email.removed"; empty for a number that is no type.
[[nodiscard]] std::string_view name(event_type type) noexcept;

/// The type with that public name.
[[nodiscard]] std::optional<event_type> find_event_type(std::string_view name) noexcept;

/// True where the event may change whether a token is valid: tokens themselves, and the state of a
/// user, who may be a token's subject.
[[nodiscard]] bool affects_tokens(event_type type) noexcept;

}  // namespace factord::storage
