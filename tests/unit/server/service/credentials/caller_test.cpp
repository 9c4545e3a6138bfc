#include "server/service/credentials/caller.hpp"
#include "storage/base/enum_table.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/server/service/credentials/granted.hpp"

namespace factord::service::caller_test {
namespace {

using testing::granted;

TEST(roles, names_go_both_ways) {
  for (std::size_t i = 0; i < count_of<role>; ++i) {
    const role which = static_cast<role>(i);
    EXPECT_EQ(find_role(name(which)), which);
    EXPECT_EQ(holds_everywhere(which), name(which).starts_with("IAM_"));
  }
  EXPECT_EQ(find_role("iam_owner"), std::nullopt);
  EXPECT_EQ(find_role(""), std::nullopt);
}

TEST(callers, the_only_org_is_that_of_all_grants_that_name_one) {
  caller who;
  EXPECT_EQ(who.only_org(), "");
  who.grants = {granted(role::iam_owner, ""), granted(role::org_owner, "org1"),
                granted(role::org_owner, "org1")};
  EXPECT_EQ(who.only_org(), "org1");
  who.grants.push_back(granted(role::org_owner, "org2"));
  EXPECT_EQ(who.only_org(), "");
}

}  // namespace
}  // namespace factord::service::caller_test
