#pragma once

#include <string_view>

namespace factord::jwt {

/// Whether 32 bytes are a key that somebody may have: the canonical encoding of a point of Ed25519
/// (RFC 8032, section 5.1.3) that is not of small order. By a point of small order anybody can
/// sign, and OpenSSL takes one.
[[nodiscard]] bool is_ed25519_key(std::string_view bytes);

}  // namespace factord::jwt
