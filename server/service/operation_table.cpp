#include "server/service/operation_table.hpp"

#include <array>

namespace factord::service {
namespace {

using enum operation_kind;
using enum permission;

constexpr bool self = true;
constexpr bool no_self = false;
constexpr bool target = true;
constexpr bool no_target = false;
constexpr bool new_user = true;
constexpr bool no_new_user = false;
constexpr bool brief = true;

constexpr auto table = std::to_array<operation_row>({
    {.which = operation::remove_otp_email,
     .traits = {"RemoveOTPEmail", command, user_write, self, target, no_new_user, brief},
     .list_keys = list_otp_email_keys,
     .decide = decide_remove_otp_email},
    {.which = operation::add_otp_email,
     .traits = {"AddOTPEmail", command, user_credential_write, self, target, no_new_user, brief},
     .list_keys = list_otp_email_keys,
     .decide = decide_add_otp_email},
    {.which = operation::add_human_user,
     .traits = {"AddHumanUser", command, user_write, no_self, no_target, new_user},
     .list_keys = list_add_human_user_keys,
     .decide = decide_add_human_user,
     .prepare = &preparation::add_human_user},
    {.which = operation::verify_email,
     .traits = {"VerifyEmail", command, user_write, self, target},
     .list_keys = list_verify_email_keys,
     .decide = decide_verify_email,
     .prepare = &preparation::verify_email},
    {.which = operation::resend_email_code,
     .traits = {"ResendEmailCode", command, user_write, self, target},
     .list_keys = list_resend_email_code_keys,
     .decide = decide_resend_email_code,
     .prepare = &preparation::resend_email_code},
    {.which = operation::lock_user,
     .traits = {"LockUser", command, user_write, no_self, target, no_new_user, brief},
     .list_keys = list_life_cycle_keys,
     .decide = decide_lock_user},
    {.which = operation::unlock_user,
     .traits = {"UnlockUser", command, user_write, no_self, target, no_new_user, brief},
     .list_keys = list_life_cycle_keys,
     .decide = decide_unlock_user},
    {.which = operation::deactivate_user,
     .traits = {"DeactivateUser", command, user_write, no_self, target, no_new_user, brief},
     .list_keys = list_life_cycle_keys,
     .decide = decide_deactivate_user},
    {.which = operation::reactivate_user,
     .traits = {"ReactivateUser", command, user_write, no_self, target, no_new_user, brief},
     .list_keys = list_life_cycle_keys,
     .decide = decide_reactivate_user},
    {.which = operation::delete_user,
     .traits = {"DeleteUser", command, user_delete, no_self, target, no_new_user, brief},
     .list_keys = list_delete_user_keys,
     .decide = decide_delete_user,
     .list_more_keys = list_freed_name},
    {.which = operation::create_token,
     .traits = {"CreateToken", command, none, no_self, no_target},
     .list_keys = list_create_token_keys,
     .decide = decide_create_token,
     .prepare = &preparation::create_token},
    {.which = operation::revoke_token,
     .traits = {"RevokeToken", command, none, no_self, no_target},
     .list_keys = list_revoke_token_keys,
     .decide = decide_revoke_token,
     .prepare = &preparation::revoke_token},
    {.which = operation::get_user,
     .traits = {"GetUserByID", query, user_read, self, target},
     .answer = &queries::get_user},
    {.which = operation::list_method_types,
     .traits = {"ListAuthenticationMethodTypes", query, user_read, self, target},
     .answer = &queries::list_otp_email},
    {.which = operation::list_factors,
     .traits = {"ListAuthenticationFactors", query, user_read, self, target},
     .answer = &queries::list_otp_email},
    {.which = operation::list_events,
     .traits = {"ListEvents", query, events_read, no_self, no_target},
     .answer = &queries::list_events},
    {.which = operation::list_tokens,
     .traits = {"ListTokens", query, none, no_self, no_target},
     .answer = &queries::list_tokens},
    {.which = operation::stats,
     .traits = {"Stats", query, none, no_self, no_target},
     .answer = &queries::stats},
    {.which = operation::start_backup,
     .traits = {"StartBackup", job, none, no_self, no_target},
     .answer = &queries::start_backup},
    {.which = operation::get_backup,
     .traits = {"GetBackup", query, none, no_self, no_target},
     .answer = &queries::get_backup},
    {.which = operation::reset_store,
     .traits = {"ResetStore", job, none, no_self, no_target},
     .answer = &queries::reset_store},
    {.which = operation::bulk_remove_otp_email,
     .traits = {"BulkRemoveOTPEmail", bulk, user_write, self, no_target},
     .answer = &queries::begin_bulk},
    {.which = operation::bulk_add_human_user,
     .traits = {"BulkAddHumanUser", bulk, user_write, no_self, no_target},
     .answer = &queries::begin_bulk},
});

// Where UBSan looks for null, GCC takes no comparison of a function with it for constant (its bug
// 71962); the sanitizer builds have the tests of the table.
#ifndef __SANITIZE_ADDRESS__
static_assert(is_complete(table), "an operation without a row of its own, or with half a row");
#endif

}  // namespace

const operation_row& row_of(operation which) noexcept {
  return table[static_cast<std::size_t>(which)];
}

const operation_traits& traits(operation which) noexcept { return row_of(which).traits; }

}  // namespace factord::service
