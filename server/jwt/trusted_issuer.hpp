#pragma once

#include "server/jwt/issuer_keys.hpp"
#include "server/jwt/issuer_rules.hpp"

namespace factord::jwt {

/// An issuer whose tokens are taken. Constant; any thread.
struct trusted_issuer {
  issuer_rules rules;
  issuer_keys* keys;  ///< of whoever keeps them, who outlives this
};

}  // namespace factord::jwt
