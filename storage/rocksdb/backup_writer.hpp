#pragma once

#include <filesystem>

#include "storage/base/error.hpp"
#include "storage/engine/backup_source.hpp"
#include "storage/engine/engine.hpp"
#include "storage/rocksdb/database.hpp"

namespace factord::storage {

/// Adds a backup of an open database to those in `directory` (see backup_directory), which are of
/// the same store, or errc::bad_argument. Copies what is there, while the database goes on: files
/// that an earlier backup holds are shared with it, the log is copied as far as it is written.
/// Changes nothing in the database, not even by a flush; keeps it from deleting files meanwhile.
///
/// `head` was the head of the log before this was called. What a backup that did not end leaves
/// behind is removed by the next one; those before it are not touched.
[[nodiscard]] result<backup_entry> write_backup(const rocksdb_database& database,
                                                std::string_view store_id, const log_head& head,
                                                const std::filesystem::path& directory,
                                                const backup_progress& progress);

}  // namespace factord::storage
