#include "server/service/permission.hpp"

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

reach reach_of(const caller& who, permission needed) noexcept {
  const role_set held = who.roles & holders(needed);
  if (held.empty()) return reach::nowhere;
  constexpr role_set everywhere = everywhere_roles();
  if (!(held & everywhere).empty()) return reach::everywhere;
  return who.org.empty() ? reach::nowhere : reach::one_org;
}

bool permits(const caller& who, permission needed, std::string_view org) noexcept {
  switch (reach_of(who, needed)) {
    case reach::everywhere:
      return true;
    case reach::one_org:
      return who.org == org;
    case reach::nowhere:
      break;
  }
  return false;
}

}  // namespace factord::service
