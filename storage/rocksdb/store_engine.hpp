#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "storage/base/error.hpp"
#include "storage/engine/engine.hpp"
#include "storage/rocksdb/database.hpp"
#include "storage/rocksdb/wal/wal_file.hpp"

namespace factord::storage {

/// The engine of an open database, which becomes a store with an id of its own where it is new, and
/// one of the current format where it is open for writing. errc::wrong_format or errc::not_a_store
/// where it is one of others; `dir` is named then.
[[nodiscard]] result<std::unique_ptr<engine>> make_engine(
    std::unique_ptr<rocksdb_database> database, const std::filesystem::path& dir,
    const store_options& options);

/// A torn tail, in the words of a notice.
[[nodiscard]] std::string describe(const wal_cut& cut);

}  // namespace factord::storage
