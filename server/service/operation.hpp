#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "server/service/permission.hpp"

namespace factord::service {

/// Everything that can be asked of the service, over whatever protocol.
enum class operation : std::uint8_t {
  // Commands: through the commit queue.
  remove_otp_email,
  add_otp_email,
  add_human_user,
  verify_email,
  lock_user,
  unlock_user,
  deactivate_user,
  reactivate_user,
  delete_user,
  create_token,
  revoke_token,
  // Queries: from the engine's readers.
  get_user,
  list_method_types,
  list_factors,
  list_events,
  list_tokens,
  stats,
  // Neither: from the backup_job.
  start_backup,
  get_backup,
};
inline constexpr std::size_t operation_count = 19;

/// What holds for every call of an operation.
struct operation_traits {
  std::string_view name;  ///< of the RPC, e.g. "RemoveOTPEmail"
  bool writes;            ///< a command
  permission needed;      ///< on the target's org, unless the caller is the target and self_may
  bool self_may;
  bool has_target;  ///< names a user; its id is checked first
};

[[nodiscard]] const operation_traits& traits(operation which) noexcept;

}  // namespace factord::service
