#include "tools/factorctl/option_checks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace factord::ctl::option_checks_test {
namespace {

TEST(option_checks, ids) {
  EXPECT_EQ(check_id("x"), "");
  EXPECT_EQ(check_id(std::string(200, 'x')), "");
  EXPECT_NE(check_id(std::string(201, 'x')), "");
  EXPECT_NE(check_id(""), "");
  EXPECT_NE(check_id("\xFF"), "");
  EXPECT_NE(check_id(std::string(1, '\0')), "");
}

TEST(option_checks, not_empty) {
  EXPECT_EQ(check_not_empty("x"), "");
  EXPECT_NE(check_not_empty(""), "");
}

TEST(option_checks, roles) {
  EXPECT_EQ(check_role("IAM_OWNER"), "");
  EXPECT_EQ(check_role("ORG_USER_MANAGER"), "");
  EXPECT_THAT(check_role("iam_owner"), ::testing::HasSubstr("no role iam_owner"));
  EXPECT_THAT(check_role("BOSS"), ::testing::HasSubstr("IAM_OWNER, IAM_OWNER_VIEWER, "));
}

TEST(option_checks, durations) {
  EXPECT_EQ(check_duration("30d"), "");
  EXPECT_NE(check_duration("30"), "");
}

TEST(option_checks, sequences) {
  EXPECT_EQ(check_sequence("0"), "");
  EXPECT_EQ(check_sequence("18446744073709551615"), "");
  EXPECT_NE(check_sequence("18446744073709551616"), "");
  EXPECT_NE(check_sequence("-1"), "");
}

TEST(option_checks, user_counts) {
  EXPECT_EQ(check_user_count("1"), "");
  EXPECT_EQ(check_user_count("100000000"), "");
  EXPECT_NE(check_user_count("0"), "");
  EXPECT_NE(check_user_count("100000001"), "");
  EXPECT_NE(check_user_count("1e6"), "");
}

}  // namespace
}  // namespace factord::ctl::option_checks_test
