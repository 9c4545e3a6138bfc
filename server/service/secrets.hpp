#pragma once

#include <functional>
#include <span>
#include <string>

namespace factord::service {

/// Fills a buffer with random bytes. The program's is OpenSSL's generator; the simulation's has a
/// seed.
using random_source = std::function<void(std::span<unsigned char> out)>;

/// The operating system's entropy through libcrypto. Aborts where there is none: a server that
/// cannot draw a secret must not hand one out.
void draw_secure_random(std::span<unsigned char> out);

/// 18 decimal digits, the first not 0. Uniform.
[[nodiscard]] std::string draw_id(const random_source& random);

/// 8 characters of an alphabet of 32 without look-alikes (no I, L, O, U): 40 bits.
[[nodiscard]] std::string draw_verification_code(const random_source& random);

/// The secret of a personal access token: 256 bits as 43 characters of base64url.
[[nodiscard]] std::string draw_token(const random_source& random);

}  // namespace factord::service
