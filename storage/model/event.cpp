#include "storage/model/event.hpp"

#include <array>

namespace factord::storage {

namespace {

struct event_traits {
  std::string_view name;
  bool affects_tokens = false;
};

/// By number; entry 0 is no type.
constexpr std::array<event_traits, event_type_count + 1> traits{{
    {},
    {"user.human.added"},
    {"user.human.email.code.added"},
    {"user.human.email.verified"},
    {"user.human.email.verification.failed"},
    {"user.human.mfa.otp.email.added"},
    {"user.human.mfa.otp.email.removed"},
    {"user.locked", true},
    {"user.unlocked", true},
    {"user.deactivated", true},
    {"user.reactivated", true},
    {"user.removed", true},
    {"user.pat.added", true},
    {"user.pat.removed", true},
}};

constexpr const event_traits& traits_of(event_type type) noexcept {
  const auto number = static_cast<std::uint32_t>(type);
  return number < traits.size() ? traits[number] : traits[0];
}

}  // namespace

std::string_view name(event_type type) noexcept { return traits_of(type).name; }

// A verdict cached for a subject without a user record turns stale when that user is added: the
// subject of a token may be named before it exists, but a new user is ACTIVE, so nothing changes.
bool affects_tokens(event_type type) noexcept { return traits_of(type).affects_tokens; }

}  // namespace factord::storage
