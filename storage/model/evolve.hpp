#pragma once

#include "storage/model/format.hpp"
#include "storage/model/records.pb.h"
#include "storage/model/state_table.hpp"

namespace factord::storage {

/// Names in `table` the state keys that `evolve(event)` reads and writes, as far as the event alone
/// tells them.
void list_evolve_keys(const event_record& event, state_table& table,
                      store_format format = store_format::current);

/// Names in `table` what only loaded states tell: the key of the username that a removal frees,
/// which stands in the user's record.
void list_freed_keys(const event_record& event, state_table& table,
                     store_format format = store_format::current);

/// The only writer of state (design invariant 2): in a batch, in replay and in restore; beside it
/// only storage/rocksdb/format_upgrade, which gives what this gives. Applies one
/// event; every key of list_evolve_keys and list_freed_keys must be in the table. An event never
/// touches the state that another user's events made, so the history of one user alone gives that
/// user's state.
///
/// Total: an event on a user that has no record, or of an unknown type, changes nothing, because
/// verify replays what it finds. That it makes sense is for `decide` to see to.
///
/// `format`: how the states are laid out. An earlier one than the current only where a store of
/// that format is compared, never where one is written.
void evolve(const event_record& event, state_table& table,
            store_format format = store_format::current);

}  // namespace factord::storage
