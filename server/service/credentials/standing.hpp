#pragma once

#include <cstdint>

#include "server/jwt/issuer_keys.hpp"

namespace factord::service {

/// What a verdict stands on beside the log: the keys of its issuer, as they were. Any thread.
struct standing {
  const jwt::issuer_keys* keys = nullptr;  ///< null: on nothing else
  std::uint64_t generation = 0;

  /// False once a key that was there may be gone. Costs a load.
  [[nodiscard]] bool holds() const noexcept {
    return keys == nullptr || keys->generation() == generation;
  }
};

}  // namespace factord::service
