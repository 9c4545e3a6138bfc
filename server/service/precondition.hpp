#pragma once

#include "server/service/commands.hpp"

/// If-Match on a write: the one place that judges it, for every command.
namespace factord::service {

/// Names what precondition_failed() reads, where the question has one.
void list_precondition_keys(const question& asked, wanted_states keys);

/// True, and the answer says so, where the question has a precondition that does not hold now, with
/// what the batch has done so far. Permission comes first: of who lacks it this says nothing, and
/// the decision refuses. All else that a decision may find (404, 409, a wrong state) comes after.
[[nodiscard]] bool precondition_failed(const question& asked, const decision& on, answer& out);

}  // namespace factord::service
