#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "storage/base/error.hpp"

namespace rocksdb {
class FileSystem;
}

namespace factord::storage {

/// How far the two files that a store appends to, its manifest and its newest WAL, were known to be
/// durable (durable_ends_keeper says when): kept in the file EXTENTS beside them. A crash leaves
/// these files longer than that, or followed by newer ones, never shorter. RocksDB alone takes the
/// end of what it finds for the end of what there was: a WAL that is gone was never there, and a
/// manifest with a bad length in it goes no further.
struct durable_ends {
  std::uint64_t manifest = 0;  ///< the number in its name
  std::uint64_t manifest_bytes = 0;
  std::uint64_t wal = 0;
  std::uint64_t wal_bytes = 0;
};

/// The number in the name of a manifest; 0 for any other file.
[[nodiscard]] std::uint64_t manifest_number(std::string_view name);

/// Keeps them, durably, in place of what was kept before.
[[nodiscard]] result<void> write_durable_ends(rocksdb::FileSystem& files,
                                              const std::filesystem::path& store,
                                              const durable_ends& kept);

/// Looks at the manifest and the newest WAL of a store that is not open, changing nothing:
/// errc::corruption, naming the file, where one is missing, is damaged before its end, or ends
/// before what was kept. Where nothing was kept (or CURRENT is missing), there is less to compare.
[[nodiscard]] result<void> check_durable_ends(rocksdb::FileSystem& files,
                                              const std::filesystem::path& store);

}  // namespace factord::storage
