#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace factord::jwt {

/// How a token may be signed (RFC 7518, section 3.1; RFC 8037, section 3.1). No other way is taken.
enum class algorithm : std::uint8_t {
  rs256,  ///< RSASSA-PKCS1-v1_5 with SHA-256
  ps256,  ///< RSASSA-PSS with SHA-256, MGF1 with SHA-256, and a salt of 32 bytes
  es256,  ///< ECDSA on P-256 with SHA-256
  eddsa,  ///< Ed25519
  count_,
};

/// As `alg` has it, e.g. "RS256".
[[nodiscard]] std::string_view name(algorithm which) noexcept;
/// Case counts.
[[nodiscard]] std::optional<algorithm> find_algorithm(std::string_view name) noexcept;

}  // namespace factord::jwt
