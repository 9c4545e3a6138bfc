#pragma once

#include <string>
#include <string_view>

#include "server/jwt/algorithm.hpp"
#include "server/jwt/key.hpp"
#include "server/jwt/key_set.hpp"

namespace factord::testing {

/// A pair of keys as a provider has one: signs tokens, and shows its public half. One thread.
class jwt_signer {
 public:
  /// A new pair. `rsa_bits` is of RSA alone.
  jwt_signer(jwt::algorithm by, std::string kid, unsigned rsa_bits = 2048);

  [[nodiscard]] const std::string& kid() const noexcept { return kid_; }
  [[nodiscard]] jwt::algorithm by() const noexcept { return by_; }

  /// The public half, with `alg` and `use`.
  [[nodiscard]] std::string jwk() const;
  /// The members that are its material alone: `"kty":…,"n":…,"e":…`.
  [[nodiscard]] std::string material() const;

  /// `{"alg":…,"kid":…}`.
  [[nodiscard]] std::string header() const;
  /// A token with this payload, whatever that is.
  [[nodiscard]] std::string sign(std::string_view payload) const { return sign(header(), payload); }
  /// The same with that header.
  [[nodiscard]] std::string sign(std::string_view header, std::string_view payload) const;
  /// What stands before the second dot, signed.
  [[nodiscard]] std::string sign_parts(std::string_view signed_text) const;
  /// The bytes of a signature under any text, as a JWS has them.
  [[nodiscard]] std::string signature(std::string_view text) const;
  /// The public half in PEM: what a server that confuses algorithms takes for the secret of HS256.
  [[nodiscard]] std::string pem() const;

 private:
  jwt::algorithm by_;
  std::string kid_;
  jwt::pkey pair_;
};

/// `{"keys":[…]}` of JWKs.
[[nodiscard]] std::string jwks(std::initializer_list<std::string> keys);

/// HMAC-SHA-256, for tokens that nobody may take.
[[nodiscard]] std::string hmac_sha256(std::string_view secret, std::string_view text);

}  // namespace factord::testing
