#pragma once

#include <string_view>

#include "server/jwt/algorithm.hpp"
#include "server/service/credentials/jwt_issuers.hpp"

namespace factord::bench {

/// A token of the provider below, good until 2100.
[[nodiscard]] std::string_view sample_jwt(jwt::algorithm by) noexcept;

/// An issuer with a key for each algorithm.
class jwt_provider {
 public:
  jwt_provider();
  [[nodiscard]] const service::jwt_issuers& issuers() const noexcept { return issuers_; }

 private:
  jwt::issuer_keys keys_;
  service::jwt_issuers issuers_;
};

}  // namespace factord::bench
