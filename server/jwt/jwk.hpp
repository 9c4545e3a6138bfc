#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <optional>

#include "server/jwt/key.hpp"
#include "storage/base/error.hpp"

namespace factord::jwt {

inline constexpr int rsa_bits_min = 2048;  ///< RFC 7518, section 3.3
inline constexpr int rsa_bits_max = 8192;  ///< what it costs to verify grows with the square
inline constexpr std::size_t kid_bytes_max = 256;

/// Reads one key (RFC 7517, section 4; RFC 7518, section 6; RFC 8037, section 2). Nothing for one
/// that is passed over: of a kind, a curve, an algorithm or a use that is not taken. One of RSA
/// without `alg` is for RS256. errc::bad_argument, with what is wrong, for one that is taken and
/// cannot be used.
[[nodiscard]] result<std::optional<key>> read_jwk(const boost::json::object& from);

}  // namespace factord::jwt
