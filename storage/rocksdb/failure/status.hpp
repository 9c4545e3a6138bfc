#pragma once

#include <rocksdb/status.h>

#include <string_view>

#include "storage/base/error.hpp"

namespace factord::storage {

/// The one place where RocksDB's statuses become our errors. `doing` says what failed, in the words
/// of a log line, e.g. "opening the store". Never called with an OK status (checked).
[[nodiscard]] error to_error(const rocksdb::Status& status, std::string_view doing);

}  // namespace factord::storage
