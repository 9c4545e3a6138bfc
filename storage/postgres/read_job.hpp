#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

#include "storage/base/error.hpp"
#include "storage/model/log_head.hpp"
#include "storage/postgres/exchange.hpp"

namespace factord::storage {

/// What one read found: rows and a head of one snapshot. Valid for the call that it is given to.
struct read_rows {
  const log_head& head;
  const sql_rows& rows;
};

/// A read that waits for its turn: a statement with parameters of its own, and whom to tell.
struct read_job {
  sql which;
  std::array<std::string, 4> parameters{};
  std::size_t count = 0;
  std::function<void(const result<read_rows>& found)> done = {};  ///< called once
  /// Nobody waits for it any longer than that, for its turn.
  std::chrono::steady_clock::time_point by{};

  [[nodiscard]] sql_request request() const {
    sql_request made{which, {}, count};
    for (std::size_t i = 0; i < count; ++i) made.parameters[i] = parameters[i];
    return made;
  }
};

}  // namespace factord::storage
