#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

#include "storage/open/open.hpp"
#include "storage/rocksdb/store.hpp"

namespace factord::ctl {

/// The lock of a data directory that no server uses. Fails with errc::store_locked and a message
/// that says what to do where one does.
[[nodiscard]] result<storage::directory_lock> lock_stopped(const std::filesystem::path& data_dir);

/// A store to be read, and what keeps it as it is.
struct readable_store {
  std::optional<storage::directory_lock> lock;  ///< of a data directory
  std::unique_ptr<storage::log_source> store;
};

/// Opens a store that does not change while it is read: of a data directory, which no server may
/// use (lock_stopped), or of a database as it is now.
[[nodiscard]] result<readable_store> open_unchanging(const storage::store_location& where);

/// How many table files of a store fit under the limit of this process, which is raised for it.
[[nodiscard]] std::size_t table_files();

/// For reading a store once from end to end; notices are shown.
[[nodiscard]] storage::store_options read_once_options();

/// Shows a notice of the storage layer on stderr.
void show_notice(std::string_view text);

}  // namespace factord::ctl
