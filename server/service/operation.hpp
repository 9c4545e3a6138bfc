#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "server/service/permission.hpp"

namespace factord::service {

/// Everything that can be asked of the service, over whatever protocol. A new one is a line here, a
/// row of operation_table.cpp and a row of protocol/messages/endpoint_table.cpp, each of which does
/// not compile without it.
enum class operation : std::uint8_t {
  remove_otp_email,
  add_otp_email,
  add_human_user,
  verify_email,
  resend_email_code,
  lock_user,
  unlock_user,
  deactivate_user,
  reactivate_user,
  delete_user,
  create_token,
  revoke_token,
  get_user,
  list_method_types,
  list_factors,
  list_events,
  list_tokens,
  stats,
  start_backup,
  get_backup,
  reset_store,
  bulk_remove_otp_email,
  bulk_add_human_user,
  count_,  ///< none: how many there are
};
inline constexpr std::size_t operation_count = static_cast<std::size_t>(operation::count_);

enum class operation_kind : std::uint8_t {
  command,  ///< through the commit queue
  query,    ///< from the engine's readers, or from what the process knows
  job,      ///< begins work of the process beside the log
  bulk,     ///< calls of another operation, each asked for in a line
};

/// What holds for every call of an operation.
struct operation_traits {
  std::string_view name;  ///< of the RPC, e.g. "RemoveOTPEmail"
  operation_kind kind;
  permission needed;  ///< on the target's org, unless the caller is the target and self_may
  bool self_may;
  bool has_target;  ///< names a user; its id is checked first
  bool makes_user = false;
  bool is_brief = false;  ///< a user's id asks for it, details answer it, and no more is said

  [[nodiscard]] constexpr bool writes() const noexcept { return kind == operation_kind::command; }
  /// Its answer has the entity tag of a user, and it may be asked for with conditions on that.
  [[nodiscard]] constexpr bool is_tagged() const noexcept { return has_target || makes_user; }
  /// A second one would not be the same as none.
  [[nodiscard]] constexpr bool changes() const noexcept { return kind != operation_kind::query; }
};

[[nodiscard]] const operation_traits& traits(operation which) noexcept;

}  // namespace factord::service
