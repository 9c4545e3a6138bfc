#pragma once

#include <filesystem>
#include <optional>

#include "storage/base/error.hpp"
#include "storage/rocksdb/store.hpp"
#include "storage/rocksdb/wal/wal_file.hpp"

namespace factord::storage {

/// Whether the database in `store` may be opened for writing, told before anything in it is changed
/// (opening it changes files, and so does cutting its torn tail): one of our families, in a format
/// and with required features that this program knows (features.hpp), or one of ours that a crash
/// left without its first batch, or none. Changes nothing. errc::wrong_format or errc::not_a_store,
/// naming `dir`, where it is another's; errc::corruption where it is ours and says what nobody
/// writes.
///
/// `torn`: a tail of the WAL that is not to be seen. Reads the logs, but keeps no more of them in
/// memory than what they say of the format, and opens the tables that hold that.
[[nodiscard]] result<void> recognize_store(const std::filesystem::path& dir,
                                           const std::filesystem::path& store,
                                           const store_options& options,
                                           const std::optional<wal_cut>& torn);

}  // namespace factord::storage
