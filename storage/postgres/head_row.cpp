#include "storage/postgres/head_row.hpp"

#include <algorithm>

#include "storage/postgres/standbys.hpp"

namespace factord::storage {

namespace {

std::optional<std::uint64_t> count_in(const sql_rows& rows, std::size_t column) {
  const auto cell = rows.cell(0, column);
  return cell ? count_of(*cell) : std::nullopt;
}

}  // namespace

std::optional<loaded_head> head_of(const sql_rows& rows) {
  if (rows.size() != 1) return std::nullopt;
  const auto sequence = count_in(rows, 0);
  const auto hash = rows.cell(0, 1);
  const auto created_at = count_in(rows, 2);
  const auto epoch = count_in(rows, 3);
  const auto token_epoch = count_in(rows, 4);
  const auto now = count_in(rows, 5);
  const auto standbys = rows.cell(0, 6);
  const auto turned_off = rows.cell(0, 7);
  if (!sequence || !created_at || !epoch || !token_epoch || !now) return std::nullopt;
  loaded_head head;
  if (!hash || hash->size() != head.log.hash.size()) return std::nullopt;
  if (!standbys || !turned_off) return std::nullopt;
  std::copy(hash->begin(), hash->end(), head.log.hash.begin());
  head.log.sequence = *sequence;
  head.log.created_at = from_micros(static_cast<std::int64_t>(*created_at));
  head.log.token_epoch = *token_epoch;
  head.log.read_at = from_micros(static_cast<std::int64_t>(*now));
  head.epoch = *epoch;
  head.standbys = demanded_standbys(*standbys);
  head.turned_off = *turned_off;
  return head;
}

}  // namespace factord::storage
