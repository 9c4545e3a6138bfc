#pragma once

#include "storage/records.pb.h"
#include "storage/state_table.hpp"

namespace factord::storage {

/// Names in `table` every state key that `evolve(event)` reads or writes.
void list_evolve_keys(const event_record& event, state_table& table);

/// The only writer of state (design invariant 2): in a batch, in replay and in restore. Applies one
/// event; every key of list_evolve_keys must be in the table. An event never touches the state that
/// another user's events made, so the history of one user alone gives that user's state.
void evolve(const event_record& event, state_table& table);

}  // namespace factord::storage
