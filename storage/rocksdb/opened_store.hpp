#pragma once

#include <string>
#include <string_view>

#include "storage/base/error.hpp"
#include "storage/model/format.hpp"
#include "storage/model/log_head.hpp"
#include "storage/rocksdb/database.hpp"

namespace factord::storage {

/// Which store a database holds, as it was found.
struct opened_store {
  std::string id;
  std::string chain_start;  ///< log_source::chain_start
  log_head head;
  store_format format = store_format::current;
};

/// The head of the log as the database has it.
[[nodiscard]] result<log_head> read_head(const rocksdb_database& database,
                                         std::string_view chain_start);

}  // namespace factord::storage
