#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "storage/model/hash_chain.hpp"

namespace factord::service {

/// SHA-256 of JWTs, which verdicts are kept by. One is ten times as long as a token of ours, and
/// whoever shows it does so with each call: so those that came last are kept, as they came, with
/// their digest, and are compared in a time that tells nothing about them. One thread.
class token_digests {
 public:
  static constexpr std::size_t places = 64;
  static constexpr std::size_t bytes_min = 128;  ///< of those that are kept
  static constexpr std::size_t bytes_max = 2'048;

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
