#include "server/service/permission.hpp"

#include <algorithm>

namespace factord::service {
namespace {

constexpr role_set holders(permission needed) {
  using enum role;
  switch (needed) {
    case permission::user_write:
      return {iam_owner,        iam_org_manager, iam_user_manager,
              iam_login_client, org_owner,       org_user_manager};
    case permission::user_credential_write:
      return {iam_owner, iam_org_manager, iam_login_client, org_owner};
    case permission::user_delete:
      return {iam_owner, iam_org_manager, iam_user_manager, org_owner, org_user_manager};
    case permission::user_read:
      return {iam_owner, iam_org_manager,  iam_user_manager, iam_login_client,
              org_owner, org_user_manager, iam_owner_viewer, org_owner_viewer};
    case permission::events_read:
      return {iam_owner, iam_owner_viewer};
    case permission::none:
      break;
  }
  return {};
}

reach reach_of(const grant& one, permission needed) noexcept {
  const role_set held = one.roles & holders(needed);
  if (held.empty()) return reach::nowhere;
  if (!(held & everywhere_roles).empty()) return reach::everywhere;
  return one.org.empty() ? reach::nowhere : reach::some_orgs;
}

}  // namespace

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
