#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <string>
#include <vector>

#include "server/jwt/issuer_rules.hpp"
#include "server/jwt/refusal.hpp"

namespace factord::jwt {

/// In one token. Each is looked at by every permission that it is asked for.
inline constexpr std::size_t organizations_max = 128;

/// Roles that a token gives together.
struct org_roles {
  std::string org;                 ///< where they hold; empty: the claim is of no organization
  std::vector<std::size_t> roles;  ///< by their index in issuer_rules::roles, each once
};

/// The roles in the claim that the rules name; none, where they name no claim.
///
/// The claim is the member of that whole name, or, where there is none, what the name leads to as a
/// path: a dot walks into an object, in which again the whole rest comes first. It is
/// - an object, role → {organization: domain} (ZITADEL): roles on those organizations;
/// - a list of strings (Keycloak, Entra): roles of no organization;
/// - missing, or null, in the end or on the way: no roles.
/// Anything else is refused, and so are more organizations with roles that mean something than
/// organizations_max: half a list of rights would be a guess. Roles that the rules do not name are
/// passed over.
[[nodiscard]] checked<std::vector<org_roles>> read_roles(const boost::json::object& payload,
                                                         const issuer_rules& rules);

}  // namespace factord::jwt
