#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "storage/base/error.hpp"

namespace factord::storage {

/// A torn tail of a WAL: the bytes from `offset` to `size` were never answered for.
struct wal_cut {
  std::filesystem::path file;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

/// Judges the newest WAL in a RocksDB directory (storage/wal_tail.hpp), changing nothing. Nothing
/// where its end is clean or there is no WAL; errc::corruption, naming file and offset, where a
/// synced batch is damaged.
[[nodiscard]] result<std::optional<wal_cut>> find_torn_tail(const std::filesystem::path& directory);

/// Cuts the tail off the file, durably. The database must not be open.
[[nodiscard]] result<void> cut_torn_tail(const wal_cut& cut);

}  // namespace factord::storage
