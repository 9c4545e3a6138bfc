#pragma once

#include <cstdint>
#include <string_view>

#include "server/service/credentials/caller.hpp"

namespace factord::service {

enum class permission : std::uint8_t {
  user_write,
  user_credential_write,
  user_delete,
  user_read,
  events_read,
  none,  ///< held by nobody: only the target itself, or the admin socket, may
};

/// How far a caller's permission reaches.
enum class reach : std::uint8_t { nowhere, some_orgs, everywhere };

/// The table of API.md, section 5.
[[nodiscard]] reach reach_of(const caller& who, permission needed) noexcept;

/// True where the caller has the permission on this org.
[[nodiscard]] bool permits(const caller& who, permission needed, std::string_view org) noexcept;

}  // namespace factord::service
