#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "tests/support/jwt_signer.hpp"
#include "tests/unit/support/service_fixture.hpp"

namespace factord::service::testing {

inline constexpr std::string_view issuer_name = "https://issuer.example";

/// An issuer with one key, and what its roles are here.
struct jwt_world {
  jwt_world() {
    jwt::issuer_rules rules;
    rules.issuer = issuer_name;
    rules.audience = "factord";
    rules.roles_claim = "roles";
    rules.roles = {"owner", "manager", "viewer", "iam", "iam-viewer", "iam-manager"};
    issuers.trusted.push_back({rules, &keys});
    issuers.meanings.push_back({role::org_owner, role::org_user_manager, role::org_owner_viewer,
                                role::iam_owner, role::iam_owner_viewer, role::iam_user_manager});
    use({pair.jwk()}, false);
  }

  void use(std::initializer_list<std::string> jwks, bool voids) {
    keys.use(std::make_shared<jwt::key_set>(*jwt::parse_key_set(factord::testing::jwks(jwks))),
             voids);
  }

  factord::testing::jwt_signer pair{jwt::algorithm::eddsa, "a"};
  jwt::issuer_keys keys;
  jwt_issuers issuers;
};

/// A service that takes that issuer's tokens.
class jwt_fixture : protected jwt_world, public service_fixture {
 protected:
  jwt_fixture() : service_fixture(&issuers) {}

  /// Seconds since 1970 on the fixture's clock, and so many.
  std::string at(int seconds) const {
    const auto since = std::chrono::floor<std::chrono::seconds>(now_.time_since_epoch());
    return std::to_string(since.count() + seconds);
  }
  /// A token for a minute, whose payload has more: `"roles":[…]`.
  std::string payload(std::string_view subject, std::string_view more = {},
                      int seconds = 60) const {
    std::string text = R"({"iss":")" + std::string(issuer_name) + R"(","aud":"factord","sub":")";
    text.append(subject).append(R"(","exp":)").append(at(seconds));
    if (!more.empty()) text.append(",").append(more);
    return text + "}";
  }
  std::string jwt(std::string_view subject, std::string_view more = {}, int seconds = 60) const {
    return pair.sign(payload(subject, more, seconds));
  }

  std::uint64_t counted(auth_failure why) {
    return tally_.of_shard(0).auth_failures[static_cast<std::size_t>(why)].get();
  }
  std::uint64_t counted(refusal_reason why) {
    return tally_.of_shard(0).refusals[static_cast<std::size_t>(why)].get();
  }
};

}  // namespace factord::service::testing
