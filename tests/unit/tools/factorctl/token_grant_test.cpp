#include "tools/factorctl/token_grant.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace factord::ctl::token_grant_test {
namespace {

using ::testing::HasSubstr;

TEST(token_grant, iam_roles_take_no_org) {
  EXPECT_TRUE(check_grant({"IAM_OWNER", "IAM_USER_MANAGER"}, ""));
  const auto refused = check_grant({"IAM_OWNER"}, "acme");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::bad_argument);
  EXPECT_THAT(refused.error().message, HasSubstr("IAM_OWNER holds on every organization"));
}

TEST(token_grant, org_roles_need_an_org) {
  EXPECT_TRUE(check_grant({"ORG_OWNER", "ORG_OWNER_VIEWER"}, "acme"));
  const auto refused = check_grant({"ORG_OWNER"}, "");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::bad_argument);
  EXPECT_THAT(refused.error().message, HasSubstr("ORG_OWNER needs --org"));
}

TEST(token_grant, the_two_kinds_do_not_mix) {
  EXPECT_FALSE(check_grant({"IAM_OWNER", "ORG_OWNER"}, ""));
  EXPECT_FALSE(check_grant({"IAM_OWNER", "ORG_OWNER"}, "acme"));
}

TEST(token_grant, no_role_is_a_grant_too) {
  EXPECT_TRUE(check_grant({}, ""));
  EXPECT_TRUE(check_grant({}, "acme"));
}

TEST(token_grant, refuses_unknown_roles) { EXPECT_FALSE(check_grant({"IAM_KING"}, "")); }

}  // namespace
}  // namespace factord::ctl::token_grant_test
