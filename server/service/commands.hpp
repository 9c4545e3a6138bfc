#pragma once

#include <string_view>

#include "server/service/answer.hpp"
#include "server/service/question.hpp"
#include "storage/commit/command.hpp"
#include "storage/model/named_states.hpp"

/// The commands, decided. Each is pure: states, question and times in; answer and events out. It
/// may be run again, on other states, and depends on nothing that it did before; nor does it count
/// anything. Which function serves which operation is operation_table.cpp.
namespace factord::service {

using storage::known_states;
using storage::wanted_states;

/// What a decision works with.
struct decision {
  known_states states;
  storage::decision_times at;
  storage::event_sink& events;
};

using list_keys_function = void (*)(const question& asked, wanted_states keys);
using list_more_function = void (*)(const question& asked, known_states loaded, wanted_states keys);
using decide_function = void (*)(const question& asked, const decision& on, answer& out);

// otp_email.cpp
void list_otp_email_keys(const question& asked, wanted_states keys);
void decide_remove_otp_email(const question& asked, const decision& on, answer& out);
void decide_add_otp_email(const question& asked, const decision& on, answer& out);

// life_cycle.cpp
void list_life_cycle_keys(const question& asked, wanted_states keys);
void list_delete_user_keys(const question& asked, wanted_states keys);
/// Once the user is loaded.
void list_freed_name(const question& asked, known_states loaded, wanted_states keys);
void decide_lock_user(const question& asked, const decision& on, answer& out);
void decide_unlock_user(const question& asked, const decision& on, answer& out);
void decide_deactivate_user(const question& asked, const decision& on, answer& out);
void decide_reactivate_user(const question& asked, const decision& on, answer& out);
void decide_delete_user(const question& asked, const decision& on, answer& out);

// add_human_user.cpp
void list_add_human_user_keys(const question& asked, wanted_states keys);
void decide_add_human_user(const question& asked, const decision& on, answer& out);

// verify_email.cpp
void list_verify_email_keys(const question& asked, wanted_states keys);
void decide_verify_email(const question& asked, const decision& on, answer& out);

// resend_email_code.cpp
void list_resend_email_code_keys(const question& asked, wanted_states keys);
void decide_resend_email_code(const question& asked, const decision& on, answer& out);

// token_commands.cpp
/// Why nobody can be given that token; null where it can be made.
[[nodiscard]] const failure* why_no_token(const question& asked, known_states states);
void list_create_token_keys(const question& asked, wanted_states keys);
void decide_create_token(const question& asked, const decision& on, answer& out);
void list_revoke_token_keys(const question& asked, wanted_states keys);
void decide_revoke_token(const question& asked, const decision& on, answer& out);

}  // namespace factord::service
