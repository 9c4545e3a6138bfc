#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "storage/model/hash_chain.hpp"

namespace factord::service {

/// SHA-256 of tokens, which verdicts are kept by. A JWT is ten times as long as a token of ours,
/// and whoever shows one does so with each call: so the long ones that came last are kept, with
/// their digest, and are compared in a time that tells nothing about them. One thread.
class token_digests {
 public:
  static constexpr std::size_t places = 64;
  static constexpr std::size_t bytes_min = 128;    ///< of what is long
  static constexpr std::size_t bytes_max = 2'048;  ///< of what is kept

  [[nodiscard]] storage::digest of(std::string_view token);

 private:
  struct place {
    std::string token;
    storage::digest is{};
  };

  std::array<place, places> kept_;
  storage::sha256 hasher_;
};

}  // namespace factord::service
