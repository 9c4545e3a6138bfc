#pragma once

#include <string>
#include <vector>

#include "server/jwt/issuer_rules.hpp"
#include "server/service/credentials/caller.hpp"

namespace factord::net {

/// An identity provider whose tokens are taken, and what its roles are here.
struct issuer_option {
  jwt::issuer_rules rules;
  std::vector<service::role> roles;  ///< by index of rules.roles
};

/// All of them, each with another `iss`.
struct issuer_options {
  std::vector<issuer_option> all;
  std::string ca_file;  ///< who signs for their TLS (PEM); empty: whom this machine trusts
};

}  // namespace factord::net
