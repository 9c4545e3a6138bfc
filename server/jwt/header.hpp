#pragma once

#include <string>
#include <string_view>

#include "server/jwt/algorithm.hpp"
#include "server/jwt/refusal.hpp"

namespace factord::jwt {

/// What a token says of its signature (RFC 7515, section 4.1). It chooses a key among those that
/// the issuer has, and nothing else.
struct header {
  algorithm by;     ///< which that key has to be for
  std::string kid;  ///< which key
};

/// Reads the first part of a token, decoded. Members that are not known are ignored, as section 4
/// asks for; those by which a token would bring its own key, change what is signed, or be a JWE are
/// refused, whatever their value.
[[nodiscard]] checked<header> read_header(std::string_view json);

}  // namespace factord::jwt
