#include "storage/base/enum_table.hpp"

#include <gtest/gtest.h>

#include <array>

namespace factord::enum_table_test {
namespace {

enum class fruit : unsigned char { apple, pear, plum, count_ };

struct row {
  const char* name;
  fruit which;
};

constexpr row apple{"apple", fruit::apple};
constexpr row pear{"pear", fruit::pear};
constexpr row plum{"plum", fruit::plum};
constexpr row none{"none", fruit::count_};

template <class... Rows>
constexpr bool complete(Rows... rows) {
  return has_each_in_order(std::array<row, sizeof...(rows)>{rows...}, &row::which);
}

static_assert(count_of<fruit> == 3);
static_assert(complete(apple, pear, plum));

TEST(enum_table, has_each_row_once_and_in_order) {
  EXPECT_TRUE(complete(apple, pear, plum));
  EXPECT_FALSE(complete());
  EXPECT_FALSE(complete(apple, pear));
  EXPECT_FALSE(complete(pear, plum));
  EXPECT_FALSE(complete(apple, plum));
  EXPECT_FALSE(complete(apple, plum, pear));
  EXPECT_FALSE(complete(apple, apple, plum));
  EXPECT_FALSE(complete(apple, pear, plum, none));
  EXPECT_FALSE(complete(apple, pear, plum, plum));
  EXPECT_FALSE(complete(apple, pear, row{}));
}

}  // namespace
}  // namespace factord::enum_table_test
