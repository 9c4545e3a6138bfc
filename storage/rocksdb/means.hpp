#pragma once

#include "storage/base/error.hpp"
#include "storage/rocksdb/store.hpp"

namespace factord::storage {

/// Before RocksDB opens anything, in whatever way: its threads, and the memory that opening takes.
/// It does not survive to be without, and ends the process. Throws std::system_error where a thread
/// cannot be started; errc::unavailable where there is too little memory.
[[nodiscard]] result<void> secure_means(const store_options& options);

}  // namespace factord::storage
