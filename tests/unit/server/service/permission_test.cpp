#include "server/service/permission.hpp"
#include "storage/base/enum_table.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "tests/unit/server/service/credentials/granted.hpp"

namespace factord::service::permission_test {
namespace {

using testing::granted;

using enum role;

// The table of the contract, written down a second time.
const std::map<permission, std::vector<role>>& holders() {
  static const std::map<permission, std::vector<role>> table{
      {permission::user_write,
       {iam_owner, iam_org_manager, iam_user_manager, iam_login_client, org_owner,
        org_user_manager}},
      {permission::user_credential_write,
       {iam_owner, iam_org_manager, iam_login_client, org_owner}},
      {permission::user_delete,
       {iam_owner, iam_org_manager, iam_user_manager, org_owner, org_user_manager}},
      {permission::user_read,
       {iam_owner, iam_org_manager, iam_user_manager, iam_login_client, org_owner, org_user_manager,
        iam_owner_viewer, org_owner_viewer}},
      {permission::events_read, {iam_owner, iam_owner_viewer}},
      {permission::none, {}},
  };
  return table;
}

TEST(permissions, every_role_holds_what_the_table_says) {
  for (const auto& [needed, roles] : holders()) {
    for (std::size_t i = 0; i < count_of<role>; ++i) {
      const role which = static_cast<role>(i);
      caller who;
      grant& one = who.grants.emplace_back();
      one.roles.add(which);
      if (!holds_everywhere(which)) one.org = "org1";
      const bool held = std::find(roles.begin(), roles.end(), which) != roles.end();
      EXPECT_EQ(permits(who, needed, "org1"), held) << name(which);
      EXPECT_EQ(permits(who, needed, "org2"), held && holds_everywhere(which)) << name(which);
    }
  }
}

TEST(permissions, an_org_role_without_an_org_holds_nowhere) {
  caller who;
  who.grants.emplace_back().roles.add(org_owner);
  EXPECT_EQ(reach_of(who, permission::user_write), reach::nowhere);
  EXPECT_FALSE(permits(who, permission::user_write, ""));
}

TEST(permissions, grants_add_up_and_each_keeps_to_its_org) {
  caller who;
  EXPECT_EQ(reach_of(who, permission::user_read), reach::nowhere);
  who.grants = {granted(org_owner_viewer, "org1"), granted(org_owner, "org2")};
  EXPECT_EQ(reach_of(who, permission::user_write), reach::some_orgs);
  EXPECT_FALSE(permits(who, permission::user_write, "org1"));
  EXPECT_TRUE(permits(who, permission::user_write, "org2"));
  EXPECT_TRUE(permits(who, permission::user_read, "org1"));
  EXPECT_FALSE(permits(who, permission::user_read, "org3"));
  who.grants.push_back(granted(iam_owner_viewer, ""));
  EXPECT_EQ(reach_of(who, permission::user_read), reach::everywhere);
  EXPECT_TRUE(permits(who, permission::user_read, "org3"));
  EXPECT_FALSE(permits(who, permission::user_write, "org1"));
}

TEST(permissions, the_admin_socket_has_all_even_what_no_role_holds) {
  caller who;
  who.trusted = true;
  EXPECT_EQ(reach_of(who, permission::none), reach::everywhere);
  EXPECT_TRUE(permits(who, permission::none, "org1"));
  who.grants = {granted(iam_owner, "org1")};
  who.clear();
  EXPECT_EQ(reach_of(who, permission::none), reach::nowhere);
  EXPECT_EQ(reach_of(who, permission::user_read), reach::nowhere);
  EXPECT_EQ(who.only_org(), "");
}

}  // namespace
}  // namespace factord::service::permission_test
