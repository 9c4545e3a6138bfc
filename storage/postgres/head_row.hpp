#pragma once

#include <optional>

#include "storage/postgres/commit_requests.hpp"
#include "storage/postgres/exchange.hpp"

namespace factord::storage {

/// The head that sql::read_head or sql::lock_head gave; nothing where the rows are none: missing,
/// or changed by hand to what no store has.
[[nodiscard]] std::optional<loaded_head> head_of(const sql_rows& rows);

}  // namespace factord::storage
