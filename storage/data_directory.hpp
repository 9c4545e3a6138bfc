#pragma once

#include <filesystem>

#include "storage/base/error.hpp"

namespace factord::storage {

/// Where RocksDB lives in a data directory.
[[nodiscard]] std::filesystem::path store_path(const std::filesystem::path& dir);

/// Whether DIR holds a store. Where it holds none, it must be free for one: errc::not_a_store where
/// there is anything that neither a stopped server (its socket) nor a crash while a store was being
/// created (the first files of RocksDB) has left.
[[nodiscard]] result<bool> holds_store(const std::filesystem::path& dir);

/// Makes DIR/store (0700) if it is missing, durably.
[[nodiscard]] result<void> make_store_directory(const std::filesystem::path& dir);

}  // namespace factord::storage
