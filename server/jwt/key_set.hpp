#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "server/jwt/key.hpp"
#include "storage/base/error.hpp"

namespace factord::jwt {

inline constexpr std::size_t key_set_bytes_max = 256U << 10U;  ///< of a set's JSON
inline constexpr std::size_t keys_max = 64;  ///< in a set, those passed over counted

/// The public keys of an issuer (RFC 7517, section 5), by `kid`. Constant; any thread.
class key_set {
 public:
  /// Each has a `kid` of its own.
  explicit key_set(std::vector<key> keys);

  /// Null where there is none of this name.
  [[nodiscard]] const key* find(std::string_view kid) const noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return keys_.size(); }
  /// Whether each key of the other is among these, and is the same.
  [[nodiscard]] bool has_all_of(const key_set& other) const noexcept;

 private:
  std::vector<key> keys_;  ///< by kid
};

/// Reads a set. Keys that are not for signatures, or of a kind that is not taken, are passed over;
/// one that is and cannot be used (a short modulus, a point off its curve, a private member, a kid
/// that is missing or there twice), JSON that is none or has a member twice, a set in which nothing
/// is left, and one beyond the bounds above, are errc::bad_argument, with what is wrong.
[[nodiscard]] result<key_set> parse_key_set(std::string_view json);

}  // namespace factord::jwt
