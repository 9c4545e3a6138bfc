#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "server/service/commands.hpp"
#include "server/service/operation.hpp"
#include "server/service/preparation.hpp"
#include "server/service/queries.hpp"

namespace factord::service {

/// All that the service knows of one operation.
struct operation_row {
  operation which;
  operation_traits traits;
  // A command has the first two, and the others where it needs them.
  list_keys_function list_keys = nullptr;
  decide_function decide = nullptr;
  list_more_function list_more_keys = nullptr;
  prepare_function prepare = nullptr;
  // What is none has this.
  query_function answer = nullptr;
};

[[nodiscard]] const operation_row& row_of(operation which) noexcept;

/// True where a row is fit for what it is.
[[nodiscard]] constexpr bool is_whole(const operation_row& row) noexcept {
  const bool decides = row.list_keys != nullptr && row.decide != nullptr;
  const bool partly = row.list_keys != nullptr || row.decide != nullptr ||
                      row.list_more_keys != nullptr || row.prepare != nullptr;
  const bool answers = row.answer != nullptr;
  return !row.traits.name.empty() &&
         (row.traits.writes() ? decides && !answers : answers && !partly);
}

/// True where a table has each operation once, in order, by a name of its own, and whole.
[[nodiscard]] constexpr bool is_complete(std::span<const operation_row> table) noexcept {
  if (table.size() != operation_count) return false;
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (static_cast<std::size_t>(table[i].which) != i || !is_whole(table[i])) return false;
    const auto later = table.subspan(i + 1);
    const auto has_name = [&](const operation_row& other) {
      return other.traits.name == table[i].traits.name;
    };
    if (std::any_of(later.begin(), later.end(), has_name)) return false;
  }
  return true;
}

}  // namespace factord::service
