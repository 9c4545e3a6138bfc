#include "server/service/operation.hpp"

#include <array>

namespace factord::service {
namespace {

using enum permission;

constexpr bool command = true;
constexpr bool query = false;
constexpr bool self = true;
constexpr bool no_self = false;
constexpr bool target = true;
constexpr bool no_target = false;

// In the order of the enum.
constexpr std::array<operation_traits, operation_count> table{{
    {"RemoveOTPEmail", command, user_write, self, target},
    {"AddOTPEmail", command, user_credential_write, self, target},
    {"AddHumanUser", command, user_write, no_self, no_target},
    {"VerifyEmail", command, user_write, self, target},
    {"LockUser", command, user_write, no_self, target},
    {"UnlockUser", command, user_write, no_self, target},
    {"DeactivateUser", command, user_write, no_self, target},
    {"ReactivateUser", command, user_write, no_self, target},
    {"DeleteUser", command, user_delete, no_self, target},
    {"CreateToken", command, none, no_self, no_target},
    {"RevokeToken", command, none, no_self, no_target},
    {"GetUserByID", query, user_read, self, target},
    {"ListAuthenticationMethodTypes", query, user_read, self, target},
    {"ListAuthenticationFactors", query, user_read, self, target},
    {"ListEvents", query, events_read, no_self, no_target},
    {"ListTokens", query, none, no_self, no_target},
    {"Stats", query, none, no_self, no_target},
    {"StartBackup", query, none, no_self, no_target},
    {"GetBackup", query, none, no_self, no_target},
}};

}  // namespace

const operation_traits& traits(operation which) noexcept {
  return table[static_cast<std::size_t>(which)];
}

}  // namespace factord::service
