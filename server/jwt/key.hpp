#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "server/jwt/algorithm.hpp"

struct evp_pkey_st;  // OpenSSL's EVP_PKEY

namespace factord::jwt {

struct pkey_end {
  void operator()(evp_pkey_st* material) const noexcept;
};
using pkey = std::unique_ptr<evp_pkey_st, pkey_end>;

/// A public key and the one algorithm that it verifies by: a token's header chooses neither.
/// Constant; any thread, several at once.
class key {
 public:
  /// `material` fits the algorithm (jwk.cpp sees to that).
  key(std::string id, algorithm by, pkey material);

  [[nodiscard]] const std::string& id() const noexcept { return id_; }  ///< its `kid`
  [[nodiscard]] algorithm by() const noexcept { return by_; }
  /// Of each of its signatures: what has another length is none, and that costs nothing to say.
  [[nodiscard]] std::size_t signature_bytes() const noexcept { return signature_bytes_; }

  /// Whether the signature, as a JWS has it, is this key's under the text. Leaves nothing in
  /// OpenSSL's queue of errors, where TLS would find it.
  [[nodiscard]] bool verifies(std::string_view text, std::string_view signature) const;

  /// The same name, algorithm and material.
  [[nodiscard]] bool operator==(const key& other) const noexcept;

 private:
  std::string id_;
  algorithm by_;
  pkey material_;
  std::size_t signature_bytes_;
};

}  // namespace factord::jwt
