#pragma once

#include <optional>
#include <string_view>

#include "server/service/commands.hpp"
#include "server/service/failures.hpp"
#include "storage/model/event.hpp"
#include "storage/model/records.pb.h"

/// What the decisions share.
namespace factord::service {

/// The record of a user, removed or not.
[[nodiscard]] std::optional<storage::user_record> any_user(known_states states,
                                                           std::string_view id);
/// The record of a user; nothing where there is no such user or it was removed.
[[nodiscard]] std::optional<storage::user_record> live_user(known_states states,
                                                            std::string_view id);

/// True where the caller may do this to a user of `org`: as the target itself where the operation
/// lets it, else by permission.
[[nodiscard]] bool may(const question& asked, std::string_view org);

/// True where the caller may make the user that AddHumanUser asks for, with what it is to have.
[[nodiscard]] bool may_make(const question& asked);

/// True where the caller may do this to a user of any org.
[[nodiscard]] bool may_everywhere(const question& asked);

/// True where only the target's org decides whether the caller may.
[[nodiscard]] bool org_decides(const question& asked);

/// True where no look-up could give the caller the right to this.
[[nodiscard]] bool may_nowhere(const question& asked);

/// Of whom an event tells.
struct subject {
  std::string_view user_id;
  std::string_view owner;  ///< its organization
};

/// A cleared event by the caller, for a payload to be filled in.
[[nodiscard]] storage::event_record& start_event(const question& asked, const decision& on,
                                                 storage::event_type type, const subject& of);

/// Appends the started event and makes it the answer's details.
void finish_event(const decision& on, std::string_view owner, answer& out);

/// Both at once, for an event without payload that answers the question: about the target.
void append_event(const question& asked, const decision& on, storage::event_type type,
                  std::string_view owner, answer& out);

/// Appends that an email of `of` has the code that was drawn, and answers with it.
void append_email_code(const question& asked, const decision& on, const subject& of, answer& out);

}  // namespace factord::service
