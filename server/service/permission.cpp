#include "server/service/permission.hpp"

#include <algorithm>
#include <initializer_list>

#include "storage/base/enum_table.hpp"

namespace factord::service {
namespace {

constexpr role_set make_set(std::initializer_list<role> members) {
  role_set set;
  for (const role member : members) set.add(member);
  return set;
}

constexpr role_set everywhere_roles() {
  role_set set;
  for (std::size_t i = 0; i < count_of<role>; ++i) {
    const auto one = static_cast<role>(i);
    if (holds_everywhere(one)) set.add(one);
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
