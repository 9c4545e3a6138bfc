#pragma once

#include <string>
#include <string_view>

namespace factord {

inline constexpr std::string_view hex_digits = "0123456789abcdef";

/// Appends the two digits of a byte.
inline void append_hex(std::string& out, unsigned char byte) {
  out += hex_digits[byte >> 4U];
  out += hex_digits[byte & 0x0FU];
}

/// The digits of any bytes.
template <class Bytes>
[[nodiscard]] std::string hex_of(const Bytes& bytes) {
  std::string hex;
  hex.reserve(bytes.size() * 2);
  for (const auto byte : bytes) append_hex(hex, static_cast<unsigned char>(byte));
  return hex;
}

}  // namespace factord
