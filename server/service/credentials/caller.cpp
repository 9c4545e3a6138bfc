#include "server/service/credentials/caller.hpp"

#include <algorithm>
#include <array>

#include "storage/base/enum_table.hpp"

namespace factord::service {
namespace {

struct role_row {
  role which;
  std::string_view name;
};

constexpr auto roles = std::to_array<role_row>({
    {role::iam_owner, "IAM_OWNER"},
    {role::iam_owner_viewer, "IAM_OWNER_VIEWER"},
    {role::iam_org_manager, "IAM_ORG_MANAGER"},
    {role::iam_user_manager, "IAM_USER_MANAGER"},
    {role::iam_login_client, "IAM_LOGIN_CLIENT"},
    {role::org_owner, "ORG_OWNER"},
    {role::org_owner_viewer, "ORG_OWNER_VIEWER"},
    {role::org_user_manager, "ORG_USER_MANAGER"},
});
static_assert(has_each_in_order(roles, &role_row::which));

}  // namespace

std::string_view name(role which) noexcept { return roles[static_cast<std::size_t>(which)].name; }

std::optional<role> find_role(std::string_view name) noexcept {
  for (const role_row& row : roles) {
    if (row.name == name) return row.which;
  }
  return std::nullopt;
}

std::string_view caller::only_org() const noexcept {
  std::string_view only;
  for (const grant& one : grants) {
    if (one.org.empty() || one.org == only) continue;
    if (!only.empty()) return {};
    only = one.org;
  }
  return only;
}

bool caller::reaches_beyond(std::string_view org) const noexcept {
  return trusted || std::ranges::any_of(grants, [org](const grant& one) {
           return !one.roles.empty() && (one.org != org || !(one.roles & everywhere_roles).empty());
         });
}

void caller::clear() noexcept {
  user_id.clear();
  trusted = false;
  for (grant& one : grants) {
    one.roles = {};
    one.org.clear();
  }
}

}  // namespace factord::service
