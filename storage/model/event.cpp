#include "storage/model/event.hpp"

#include <algorithm>
#include <array>

#include "storage/base/enum_table.hpp"

namespace factord::storage {

namespace {

struct event_traits {
  event_type which;
  std::string_view name;
  bool affects_tokens = false;
};

/// By number; entry 0 is no type.
constexpr auto traits = std::to_array<event_traits>({
    {},
    {event_type::human_added, "user.human.added"},
    {event_type::email_code_added, "user.human.email.code.added"},
    {event_type::email_verified, "user.human.email.verified"},
    {event_type::email_verification_failed, "user.human.email.verification.failed"},
    {event_type::otp_email_added, "user.human.mfa.otp.email.added"},
    {event_type::otp_email_removed, "user.human.mfa.otp.email.removed"},
    {event_type::locked, "user.locked", true},
    {event_type::unlocked, "user.unlocked", true},
    {event_type::deactivated, "user.deactivated", true},
    {event_type::reactivated, "user.reactivated", true},
    {event_type::removed, "user.removed", true},
    {event_type::token_added, "user.pat.added", true},
    {event_type::token_removed, "user.pat.removed", true},
});
static_assert(has_each_in_order(traits, &event_traits::which));

constexpr const event_traits& traits_of(event_type type) noexcept {
  const auto number = static_cast<std::uint32_t>(type);
  return number < traits.size() ? traits[number] : traits[0];
}

}  // namespace

std::string_view name(event_type type) noexcept { return traits_of(type).name; }

std::optional<event_type> find_event_type(std::string_view name) noexcept {
  if (name.empty()) return std::nullopt;
  const auto found = std::ranges::find(traits, name, &event_traits::name);
  if (found == traits.end()) return std::nullopt;
  return found->which;
}

// A verdict cached for a subject without a user record turns stale when that user is added: the
// subject of a token may be named before it exists, but a new user is ACTIVE, so nothing changes.
bool affects_tokens(event_type type) noexcept { return traits_of(type).affects_tokens; }

}  // namespace factord::storage
