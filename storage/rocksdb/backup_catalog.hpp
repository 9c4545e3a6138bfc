#pragma once

#include <rocksdb/utilities/backup_engine.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "storage/base/error.hpp"
#include "storage/engine/backup_source.hpp"
#include "storage/engine/engine.hpp"

namespace factord::storage {

/// What BackupEngine needs to know, but for its backup_env.
[[nodiscard]] rocksdb::BackupEngineOptions backup_options(const std::filesystem::path& directory);

/// What is noted beside the files of a backup.
[[nodiscard]] std::string make_label(std::string_view store_id, const log_head& head);

/// One of the backups that BackupEngine lists; damaged where its label is none of ours.
[[nodiscard]] backup_entry to_entry(const rocksdb::BackupInfo& info);

/// All backups of a directory in the order of their ids, those of which only the id can be read
/// too.
[[nodiscard]] std::vector<backup_entry> list_entries(
    const rocksdb::BackupEngineReadOnlyBase& backups);

}  // namespace factord::storage
