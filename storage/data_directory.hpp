#pragma once

#include <filesystem>
#include <string_view>

#include "storage/base/error.hpp"

namespace factord::storage {

/// Where RocksDB lives in a data directory.
[[nodiscard]] std::filesystem::path store_path(const std::filesystem::path& dir);

/// Where a store is restored, in a data directory, before it is moved to its place.
inline constexpr std::string_view unfinished_restore = "restore.unfinished";

/// Whether DIR holds a store. Where it holds none, it must be free for one: errc::not_a_store where
/// there is anything that neither a stopped server (its socket) nor a crash while a store was being
/// created (the first files of RocksDB) has left.
[[nodiscard]] result<bool> holds_store(const std::filesystem::path& dir);

/// Makes DIR/store (0700) if it is missing, durably.
[[nodiscard]] result<void> make_store_directory(const std::filesystem::path& dir);

/// Whether a store may be restored into DIR, which exists: errc::already_exists where it holds one,
/// errc::not_a_store where it holds anything but what a stopped server or a restore left there.
[[nodiscard]] result<void> check_restorable(const std::filesystem::path& dir);

/// Makes what was created, renamed or removed in a directory durable.
[[nodiscard]] result<void> sync_directory(const std::filesystem::path& dir);

}  // namespace factord::storage
