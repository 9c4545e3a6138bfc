#pragma once

#include <vector>

#include "server/jwt/trusted_issuer.hpp"
#include "server/service/credentials/caller.hpp"

namespace factord::service {

/// Whose JWTs are taken, and what their roles are here. Constant once the server runs; any thread.
struct jwt_issuers {
  std::vector<jwt::trusted_issuer> trusted;
  /// By the index of an issuer, then by that of a role in its rules: what the role is here. As long
  /// as those (checked).
  std::vector<std::vector<role>> meanings;
};

}  // namespace factord::service
