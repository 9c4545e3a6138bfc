#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "storage/audit/replay.hpp"
#include "storage/backup/backup_reader.hpp"
#include "storage/base/error.hpp"
#include "storage/rocksdb/store.hpp"

namespace factord::storage {

struct restore_request {
  std::optional<std::uint32_t> backup = {};  ///< its id; the newest where there is none
  std::optional<std::uint64_t> to_sequence =
      {};  ///< 1 to the backup's; all of it where there is none
  live_tokens tokens = live_tokens::end;
  /// Of the two stores that are open meanwhile, together.
  std::size_t table_files = 2 * store_options{}.table_files;
  notice_sink notice = {};  ///< may be empty
};

struct restore_report {
  backup_entry from;
  std::string store_id;
  replay_report made;
};

/// Called now and then with the step's name and how far it is.
using restore_progress =
    std::function<void(std::string_view step, std::uint64_t done, std::uint64_t total)>;

/// Makes a new store in DIR, with an id of its own, from a backup: its files are checked, its log
/// is replayed (storage/audit/replay.hpp). So whoever reads the log of the old store sees that this
/// is another one, and does not take sequences that are given again for those that it knows.
///
/// DIR is made where it is missing, must hold nothing (check_restorable), and lie apart from the
/// backups (backup_directory::check_apart). The store is made
/// beside its place and moved there once it is whole and on the disk; after a failure nothing of it
/// is left. What a crash leaves is refused by whatever opens a store, and replaced by the next
/// restore.
[[nodiscard]] result<restore_report> restore(const backup_reader& backups,
                                             const restore_request& request,
                                             const std::filesystem::path& dir,
                                             const restore_progress& progress);

}  // namespace factord::storage
