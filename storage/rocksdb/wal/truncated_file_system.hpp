#pragma once

#include <rocksdb/file_system.h>

#include <memory>

#include "storage/rocksdb/wal/wal_file.hpp"

namespace factord::storage {

/// The file system `base`, but with one file ending where it is to be cut: so that a store with a
/// torn tail can be read without changing it.
[[nodiscard]] std::shared_ptr<rocksdb::FileSystem> truncated_file_system(
    std::shared_ptr<rocksdb::FileSystem> base, const wal_cut& cut);

}  // namespace factord::storage
