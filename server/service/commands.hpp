#pragma once

#include "server/service/call.hpp"
#include "storage/commit/command.hpp"
#include "storage/model/state_table.hpp"

/// The commands, decided. Each is pure: states, call and times in; answer and events out. Which
/// function serves which operation is the table in call.cpp.
namespace factord::service {

/// What a decision works with.
struct decision {
  const storage::state_table& states;
  storage::decision_times at;
  storage::event_sink& events;
};

using list_keys_function = void (*)(const call& work, storage::state_table& table);
using decide_function = void (*)(call& work, const decision& on);

// otp_email.cpp
void list_otp_email_keys(const call& work, storage::state_table& table);
void decide_remove_otp_email(call& work, const decision& on);
void decide_add_otp_email(call& work, const decision& on);

// life_cycle.cpp
void list_life_cycle_keys(const call& work, storage::state_table& table);
/// Of a removal, once the user is loaded.
void list_freed_name(const call& work, storage::state_table& table);
void decide_lock_user(call& work, const decision& on);
void decide_unlock_user(call& work, const decision& on);
void decide_deactivate_user(call& work, const decision& on);
void decide_reactivate_user(call& work, const decision& on);
void decide_delete_user(call& work, const decision& on);

// add_human_user.cpp
void list_add_human_user_keys(const call& work, storage::state_table& table);
void decide_add_human_user(call& work, const decision& on);

// verify_email.cpp
void list_verify_email_keys(const call& work, storage::state_table& table);
void decide_verify_email(call& work, const decision& on);

// token_commands.cpp
void list_create_token_keys(const call& work, storage::state_table& table);
void decide_create_token(call& work, const decision& on);
void list_revoke_token_keys(const call& work, storage::state_table& table);
void decide_revoke_token(call& work, const decision& on);

}  // namespace factord::service
