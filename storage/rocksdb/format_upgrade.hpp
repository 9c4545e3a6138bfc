#pragma once

#include "storage/base/error.hpp"
#include "storage/rocksdb/database.hpp"
#include "storage/rocksdb/features.hpp"
#include "storage/rocksdb/store.hpp"

namespace factord::storage {

/// Brings a store of an earlier format to the current one. Called once, at the open for writing:
/// under the lock of the directory, before anybody reads or writes.
///
///   1 → 2   each token is entered under its id as well ('i' token id → SHA-256 of the token), and
///           each username under its lower case; those whose names come together share it
///
/// In three steps, each durable before the next:
///   1. one batch sets meta `format` to the current one, with the features that it had, and
///      `upgrade_from` to the one before: from here on earlier programs refuse the store;
///   2. every state is looked at in the order of keys, and what follows from it in the new format
///      is written, in batches of bounded size (upgrade_state in format_upgrade.cpp: the one place
///      that knows what follows from what);
///   3. one batch takes `upgrade_from` away.
///
/// A crash or a failure in between is harmless: nobody gets an engine of a store that still holds
/// `upgrade_from`, so nothing has changed when the next open does step 2 again from its beginning,
/// and that gives what it gave before: upgrade_state must take its own results for done. Opened for
/// reading only, such a store is refused with errc::wrong_format (its states are of no one format).
///
/// Takes time with the number of states, and memory for one batch.
[[nodiscard]] result<void> upgrade_format(const rocksdb_database& database, const store_layout& was,
                                          const notice_sink& notice);

}  // namespace factord::storage
