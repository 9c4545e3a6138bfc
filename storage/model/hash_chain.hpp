#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace factord::storage {

/// A SHA-256.
using digest = std::array<unsigned char, 32>;

[[nodiscard]] std::string_view as_bytes(const digest& value) noexcept;
[[nodiscard]] std::string to_hex(const digest& value);

/// SHA-256 with its libcrypto context kept, so that hashing allocates nothing. One thread at a
/// time.
class sha256 {
 public:
  sha256();
  ~sha256();
  sha256(const sha256&) = delete;
  sha256& operator=(const sha256&) = delete;

  [[nodiscard]] digest of(std::string_view bytes);

  /// SHA-256(previous ‖ sequence as 8 big-endian bytes ‖ record): the chain of design invariant 3.
  [[nodiscard]] digest link(const digest& previous, std::uint64_t sequence,
                            std::string_view record);

 private:
  struct context;
  std::unique_ptr<context> context_;
};

}  // namespace factord::storage
