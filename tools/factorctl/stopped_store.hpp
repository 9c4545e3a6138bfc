#pragma once

#include <filesystem>
#include <string_view>

#include "storage/rocksdb/store.hpp"

namespace factord::ctl {

/// The lock of a data directory that no server uses. Fails with errc::store_locked and a message
/// that says what to do where one does.
[[nodiscard]] result<storage::directory_lock> lock_stopped(const std::filesystem::path& data_dir);

/// How many table files of a store fit under the limit of this process, which is raised for it.
[[nodiscard]] std::size_t table_files();

/// For reading a store once from end to end; notices are shown.
[[nodiscard]] storage::store_options read_once_options();

/// Shows a notice of the storage layer on stderr.
void show_notice(std::string_view text);

}  // namespace factord::ctl
