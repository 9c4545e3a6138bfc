#include "server/service/credentials/caller.hpp"

#include <array>

namespace factord::service {
namespace {

constexpr std::array<std::string_view, role_count> role_names{
    "IAM_OWNER",        "IAM_OWNER_VIEWER", "IAM_ORG_MANAGER",  "IAM_USER_MANAGER",
    "IAM_LOGIN_CLIENT", "ORG_OWNER",        "ORG_OWNER_VIEWER", "ORG_USER_MANAGER",
};

}  // namespace

std::string_view name(role which) noexcept { return role_names[static_cast<std::size_t>(which)]; }

std::optional<role> find_role(std::string_view name) noexcept {
  for (std::size_t i = 0; i < role_names.size(); ++i) {
    if (role_names[i] == name) return static_cast<role>(i);
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

void caller::clear() noexcept {
  user_id.clear();
  trusted = false;
  for (grant& one : grants) {
    one.roles = {};
    one.org.clear();
  }
}

}  // namespace factord::service
