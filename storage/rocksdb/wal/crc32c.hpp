#pragma once

#include <cstdint>
#include <string_view>

namespace factord::storage {

/// CRC-32C (Castagnoli), as RocksDB's log uses it. With the processor's instruction where it has
/// one.
[[nodiscard]] std::uint32_t crc32c(std::string_view bytes) noexcept;

/// The same in plain code, for other processors and to test the other against.
[[nodiscard]] std::uint32_t crc32c_portable(std::string_view bytes) noexcept;

/// As RocksDB stores it: rotated and shifted, because a sum over bytes that hold sums is weak.
[[nodiscard]] constexpr std::uint32_t mask_crc32c(std::uint32_t sum) noexcept {
  return ((sum >> 15U) | (sum << 17U)) + 0xA282EAD8U;
}

}  // namespace factord::storage
