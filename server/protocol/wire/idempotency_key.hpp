#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace factord::protocol {

inline constexpr std::size_t idempotency_key_size = 255;

/// Sets `out` to the key that a field Idempotency-Key has: 1 to 255 visible ASCII characters. With
/// quotes, as the IETF's draft (httpapi-idempotency-key-header) has it, it is a string of RFC 9651,
/// section 3.3.3, and the same key as without. False where it is none.
[[nodiscard]] bool read_idempotency_key(std::string_view value, std::string& out);

}  // namespace factord::protocol
