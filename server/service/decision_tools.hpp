#pragma once

#include <optional>
#include <string_view>

#include "server/service/commands.hpp"
#include "storage/model/event.hpp"
#include "storage/model/records.pb.h"

/// What the decisions share.
namespace factord::service {

inline constexpr failure no_permission{status_code::permission_denied, "AUTH-AWfge",
                                       "No matching permissions found"};
/// The same, of AddHumanUser.
inline constexpr failure no_user_permission{status_code::permission_denied, "AUTH-5mWD2",
                                            "No matching permissions found"};

/// The target's record; nothing where there is no such user or it was removed.
[[nodiscard]] std::optional<storage::user_record> live_user(const call& work,
                                                            const storage::state_table& states);

/// True where the caller may do this to a user of `org`: as the target itself where the operation
/// lets it, else by permission.
[[nodiscard]] bool may(const call& work, std::string_view org);

/// True where only the target's org decides whether the caller may.
[[nodiscard]] bool org_decides(const call& work);

/// A cleared event about the target, by the caller, for a payload to be filled in.
[[nodiscard]] storage::event_record& start_event(const call& work, const decision& on,
                                                 storage::event_type type, std::string_view owner);

/// Appends the started event and makes it the answer's details.
void finish_event(call& work, const decision& on, std::string_view owner);

/// Both at once, for an event without payload.
void append_event(call& work, const decision& on, storage::event_type type, std::string_view owner);

}  // namespace factord::service
