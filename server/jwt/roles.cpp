#include "server/jwt/roles.hpp"

#include <algorithm>
#include <string_view>

#include "server/jwt/claims.hpp"

namespace factord::jwt {
namespace {

using boost::json::object;
using boost::json::value;
using all_roles = std::vector<org_roles>;

const value* find_member(const object& in, std::string_view name) {
  return in.if_contains({name.data(), name.size()});
}

// Null where it is missing.
checked<const value*> find_claim(const object* in, std::string_view name) {
  for (;;) {
    if (const value* whole = find_member(*in, name)) return whole;
    const std::size_t dot = name.find('.');
    if (dot == std::string_view::npos) return nullptr;
    const value* step = find_member(*in, name.substr(0, dot));
    if (step == nullptr || step->is_null()) return nullptr;
    in = step->if_object();
    if (in == nullptr) return refusal::roles;
    name.remove_prefix(dot + 1);
  }
}

std::vector<std::size_t> meanings_of(std::string_view role, const issuer_rules& rules) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < rules.roles.size(); ++i) {
    if (rules.roles[i] == role) found.push_back(i);
  }
  return found;
}

void add(std::string_view org, const std::vector<std::size_t>& roles, all_roles& to) {
  auto entry = std::ranges::find(to, org, &org_roles::org);
  if (entry == to.end()) entry = to.insert(entry, org_roles{std::string(org), {}});
  for (const std::size_t role : roles) {
    if (std::ranges::find(entry->roles, role) == entry->roles.end()) entry->roles.push_back(role);
  }
}

// Keycloak's shape, and Entra's.
checked<all_roles> read_list(const boost::json::array& list, const issuer_rules& rules) {
  all_roles found;
  for (const value& entry : list) {
    const boost::json::string* role = entry.if_string();
    if (role == nullptr) return refusal::roles;
    const auto means = meanings_of({role->data(), role->size()}, rules);
    if (!means.empty()) add({}, means, found);
  }
  return found;
}

// ZITADEL's shape. The domain of an organization is for people.
checked<all_roles> read_by_org(const object& of, const issuer_rules& rules) {
  all_roles found;
  for (const auto& [role, orgs_value] : of) {
    const object* orgs = orgs_value.if_object();
    if (orgs == nullptr) return refusal::roles;
    const auto means = meanings_of({role.data(), role.size()}, rules);
    for (const auto& [org_key, domain] : *orgs) {
      const std::string_view org{org_key.data(), org_key.size()};
      if (!is_id(org) || !domain.is_string()) return refusal::roles;
      if (!means.empty()) add(org, means, found);
      if (found.size() > organizations_max) return refusal::organizations;
    }
  }
  return found;
}

}  // namespace

checked<all_roles> read_roles(const object& payload, const issuer_rules& rules) {
  if (rules.roles_claim.empty()) return all_roles{};
  const auto claim = find_claim(&payload, rules.roles_claim);
  if (!claim) return claim.error();
  if (*claim == nullptr || (*claim)->is_null()) return all_roles{};
  if (const auto* list = (*claim)->if_array()) return read_list(*list, rules);
  if (const auto* by_org = (*claim)->if_object()) return read_by_org(*by_org, rules);
  return refusal::roles;
}

}  // namespace factord::jwt
