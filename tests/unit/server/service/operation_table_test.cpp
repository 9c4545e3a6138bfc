#include "server/service/operation_table.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace factord::service::operation_table_test {
namespace {

std::vector<operation_row> all_rows() {
  std::vector<operation_row> rows;
  for (std::size_t i = 0; i < operation_count; ++i)
    rows.push_back(row_of(static_cast<operation>(i)));
  return rows;
}

operation_row& find(std::vector<operation_row>& rows, operation which) {
  return rows[static_cast<std::size_t>(which)];
}

TEST(operation_table, is_complete) { EXPECT_TRUE(is_complete(all_rows())); }

// Each of these is what the compiler refuses (operation_table.cpp).
TEST(operation_table, misses_no_row_and_has_none_twice) {
  for (std::size_t i = 0; i < operation_count; ++i) {
    auto missing = all_rows();
    missing.erase(missing.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_FALSE(is_complete(missing)) << i;
    auto doubled = all_rows();
    doubled.insert(doubled.begin() + static_cast<std::ptrdiff_t>(i), doubled[i]);
    EXPECT_FALSE(is_complete(doubled)) << i;
    auto instead = all_rows();
    instead[i] = instead[(i + 1) % operation_count];
    EXPECT_FALSE(is_complete(instead)) << i;
  }
}

TEST(operation_table, is_in_the_order_of_the_enum) {
  auto rows = all_rows();
  std::swap(rows[0], rows[1]);
  EXPECT_FALSE(is_complete(rows));
}

TEST(operation_table, has_names_that_differ) {
  auto rows = all_rows();
  rows[3].traits.name = rows[7].traits.name;
  EXPECT_FALSE(is_complete(rows));
  rows = all_rows();
  rows[3].traits.name = {};
  EXPECT_FALSE(is_complete(rows));
}

TEST(operation_table, has_whole_rows) {
  using enum operation;
  const auto broken = [](operation which, auto&& damage) {
    auto rows = all_rows();
    damage(find(rows, which));
    return !is_complete(rows);
  };
  EXPECT_TRUE(broken(lock_user, [](operation_row& row) { row.list_keys = nullptr; }));
  EXPECT_TRUE(broken(lock_user, [](operation_row& row) { row.decide = nullptr; }));
  EXPECT_TRUE(broken(lock_user, [](operation_row& row) { row.answer = &queries::stats; }));
  EXPECT_TRUE(
      broken(lock_user, [](operation_row& row) { row.traits.kind = operation_kind::query; }));
  EXPECT_TRUE(broken(stats, [](operation_row& row) { row.answer = nullptr; }));
  EXPECT_TRUE(broken(stats, [](operation_row& row) { row.decide = decide_lock_user; }));
  EXPECT_TRUE(broken(stats, [](operation_row& row) { row.list_more_keys = list_freed_name; }));
  EXPECT_TRUE(broken(stats, [](operation_row& row) { row.prepare = &preparation::verify_email; }));
  EXPECT_TRUE(broken(stats, [](operation_row& row) { row.traits.kind = operation_kind::command; }));
}

}  // namespace
}  // namespace factord::service::operation_table_test
