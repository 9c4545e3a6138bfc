#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "storage/backup/building_site.hpp"
#include "storage/backup/restore.hpp"
#include "storage/engine/backup_source.hpp"

namespace factord::ctl {

/// The time as other programs read it: RFC 3339, UTC, whole seconds.
[[nodiscard]] std::string time_text(timestamp time);

/// Lines of `key: value` about a backup that the server has made, from its answer.
[[nodiscard]] std::string format_made_backup(const boost::json::object& answer);

/// The backups of a directory as a table, or as one JSON object a line.
[[nodiscard]] std::string format_backups(const std::vector<storage::backup_entry>& entries);
[[nodiscard]] std::string format_backups_as_json(const std::vector<storage::backup_entry>& entries);

/// Lines of `key: value` about a store that was copied.
[[nodiscard]] std::string format_copied(std::string_view from_store_id,
                                        const storage::built_store& made);

/// Lines of `key: value` about a store that was restored.
[[nodiscard]] std::string format_restored(const storage::restore_report& report);

}  // namespace factord::ctl
