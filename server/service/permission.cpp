#include "server/service/permission.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace factord::service {
namespace {

struct role_entry {
  std::string_view name;
  bool everywhere;
};

constexpr std::array<role_entry, role_count> roles{{
    {"IAM_OWNER", true},
    {"IAM_OWNER_VIEWER", true},
    {"IAM_ORG_MANAGER", true},
    {"IAM_USER_MANAGER", true},
    {"IAM_LOGIN_CLIENT", true},
    {"ORG_OWNER", false},
    {"ORG_OWNER_VIEWER", false},
    {"ORG_USER_MANAGER", false},
}};

constexpr role_set make_set(std::initializer_list<role> members) {
  role_set set;
  for (const role member : members) set.add(member);
  return set;
}

constexpr role_set everywhere_roles() {
  role_set set;
  for (std::size_t i = 0; i < roles.size(); ++i) {
    if (roles[i].everywhere) set.add(static_cast<role>(i));
  }
  return set;
}

constexpr role_set holders(permission needed) {
  using enum role;
  switch (needed) {
    case permission::user_write:
      return make_set({iam_owner, iam_org_manager, iam_user_manager, iam_login_client, org_owner,
                       org_user_manager});
    case permission::user_credential_write:
      return make_set({iam_owner, iam_org_manager, iam_login_client, org_owner});
    case permission::user_delete:
      return make_set({iam_owner, iam_org_manager, iam_user_manager, org_owner, org_user_manager});
    case permission::user_read:
      return make_set({iam_owner, iam_org_manager, iam_user_manager, iam_login_client, org_owner,
                       org_user_manager, iam_owner_viewer, org_owner_viewer});
    case permission::events_read:
      return make_set({iam_owner, iam_owner_viewer});
    case permission::none:
      break;
  }
  return {};
}

reach reach_of(const grant& one, permission needed) noexcept {
  const role_set held = one.roles & holders(needed);
  if (held.empty()) return reach::nowhere;
  constexpr role_set everywhere = everywhere_roles();
  if (!(held & everywhere).empty()) return reach::everywhere;
  return one.org.empty() ? reach::nowhere : reach::some_orgs;
}

}  // namespace

std::string_view name(role which) noexcept { return roles[static_cast<std::size_t>(which)].name; }

std::optional<role> find_role(std::string_view name) noexcept {
  for (std::size_t i = 0; i < roles.size(); ++i) {
    if (roles[i].name == name) return static_cast<role>(i);
  }
  return std::nullopt;
}

bool holds_everywhere(role which) noexcept {
  return roles[static_cast<std::size_t>(which)].everywhere;
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

void caller::clear() noexcept {
  user_id.clear();
  trusted = false;
  for (grant& one : grants) {
    one.roles = {};
    one.org.clear();
  }
}

reach reach_of(const caller& who, permission needed) noexcept {
  if (who.trusted) return reach::everywhere;
  reach furthest = reach::nowhere;
  for (const grant& one : who.grants) furthest = std::max(furthest, reach_of(one, needed));
  return furthest;
}

bool permits(const caller& who, permission needed, std::string_view org) noexcept {
  return who.trusted || std::ranges::any_of(who.grants, [&](const grant& one) {
           const reach how = reach_of(one, needed);
           return how == reach::everywhere || (how == reach::some_orgs && one.org == org);
         });
}

}  // namespace factord::service
