#include "server/service/permission.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace factord::service {
namespace {

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
    for (std::size_t i = 0; i < role_count; ++i) {
      const role which = static_cast<role>(i);
      caller who;
      who.roles.add(which);
      if (!holds_everywhere(which)) who.org = "org1";
      const bool held = std::find(roles.begin(), roles.end(), which) != roles.end();
      EXPECT_EQ(permits(who, needed, "org1"), held) << name(which);
      EXPECT_EQ(permits(who, needed, "org2"), held && holds_everywhere(which)) << name(which);
    }
  }
}

TEST(permissions, an_org_role_without_an_org_holds_nowhere) {
  caller who;
  who.roles.add(org_owner);
  EXPECT_EQ(reach_of(who, permission::user_write), reach::nowhere);
  EXPECT_FALSE(permits(who, permission::user_write, ""));
}

TEST(permissions, names_go_both_ways) {
  for (std::size_t i = 0; i < role_count; ++i) {
    const role which = static_cast<role>(i);
    EXPECT_EQ(find_role(name(which)), which);
    EXPECT_EQ(holds_everywhere(which), name(which).starts_with("IAM_"));
  }
  EXPECT_EQ(find_role("iam_owner"), std::nullopt);
  EXPECT_EQ(find_role(""), std::nullopt);
}

}  // namespace
}  // namespace factord::service
