#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace factord::jwt {

/// Where the keys of an issuer are.
struct key_place {
  enum class kind : std::uint8_t {
    discovery,  ///< asked of the issuer: /.well-known/openid-configuration
    url,        ///< `where` is https, or http to loopback
    file,       ///< `where` is a path, read again on SIGHUP
  };
  kind which = kind::discovery;
  std::string where;  ///< empty for discovery
};

/// Whose tokens are taken, and what they may grant. Constant once the server runs.
struct issuer_rules {
  std::string issuer;    ///< `iss`, byte for byte
  std::string audience;  ///< one of `aud`
  key_place keys;
  std::string roles_claim;  ///< its name, or a path of names with dots; empty: no roles
  /// The roles of the provider that mean something here. What each of them means is told by its
  /// index: whoever reads the rules keeps it.
  std::vector<std::string> roles;
};

}  // namespace factord::jwt
