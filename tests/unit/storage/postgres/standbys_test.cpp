#include "storage/postgres/standbys.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace factord::storage::standbys_test {
namespace {

struct setting_case {
  std::string setting;
  unsigned demands;
};

TEST(standbys, are_as_many_as_the_setting_demands) {
  const std::vector<setting_case> cases{
      {"", 0},
      {" \t\n", 0},
      {"*", 1},
      {"a", 1},
      {"a, b, c", 1},
      {"\"a\"", 1},
      {"\"a \"\"quoted\"\" one\", b", 1},
      {"FIRST 1 (a)", 1},
      {"FIRST 2 (a, b)", 2},
      {"first 2 (a, b)", 2},
      {"First 2(a,b)", 2},
      {"FIRST\t2\n( a , b )", 2},
      {"  ANY 1 (a, b)", 1},
      {"ANY 3 (a, b, c, d)", 3},
      {"any 2 (*)", 2},
      {"2 (a, b)", 2},
      {"12(\"a\", b)", 12},
      {"FIRST 3 (a)", 3},
      // Names that look like the rest.
      {"first", 1},
      {"ANY", 1},
      {"any, b", 1},
      {"first , 2", 1},
      {"first2, b", 1},
      {"2", 1},
      {"2, 3", 1},
      {"\"FIRST 2 (a, b)\"", 1},
      {"\"2\"(a)", 1},
      {"anything", 1},
      // What no server takes.
      {"FIRST 0 (a)", 1},
      {"FIRST 99999999999 (a)", 1},
      {"FIRST -1 (a)", 1},
      {"FIRST 2", 1},
  };
  for (const auto& [setting, demands] : cases) {
    EXPECT_EQ(demanded_standbys(setting), demands) << setting;
    // Views need not end with a zero byte.
    EXPECT_EQ(demanded_standbys(std::string_view{setting + "("}.substr(0, setting.size())),
              demands);
  }
}

}  // namespace
}  // namespace factord::storage::standbys_test
