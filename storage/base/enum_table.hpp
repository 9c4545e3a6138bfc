#pragma once

#include <cstddef>

namespace factord {

/// How many values an enumeration has that numbers them from 0 and ends with `count_`, which is
/// none.
template <class Enum>
inline constexpr std::size_t count_of = static_cast<std::size_t>(Enum::count_);

/// True where a table has a row for each value of such an enumeration, once and in order, so that
/// table[value] is its row. For a static_assert beside the table: a row that is forgotten, doubled
/// or out of place does not compile. `which` is where a row says whose it is.
template <class Table, class Row, class Enum>
[[nodiscard]] constexpr bool has_each_in_order(const Table& table, Enum Row::*which) {
  if (table.size() != count_of<Enum>) return false;
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (static_cast<std::size_t>(table[i].*which) != i) return false;
  }
  return true;
}

}  // namespace factord
