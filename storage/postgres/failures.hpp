#pragma once

#include <string_view>

#include "storage/base/error.hpp"
#include "storage/postgres/exchange.hpp"

namespace factord::storage {

/// What a failed request means for the batch that it was of. In every case but `unknown` nothing
/// was done: the database has ended the transaction.
enum class failure_kind {
  conflict,     ///< somebody else was faster, or holds a lock: load and decide again
  unknown,      ///< it cannot tell whether the commit was done (40003)
  damaged,      ///< its bytes or its tables do not hold together
  unavailable,  ///< everything else: it cannot now, and may later
};

/// By its SQLSTATE: 23502 is what the guard of move_head gives where the head has moved.
[[nodiscard]] failure_kind kind_of_failure(std::string_view code) noexcept;

/// As an error of a load or of a read.
[[nodiscard]] error to_error(const sql_failure& failure);

}  // namespace factord::storage
