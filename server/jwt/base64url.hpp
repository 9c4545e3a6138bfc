#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace factord::jwt {

/// The bytes of a base64url text (RFC 4648, section 5) as JWS has it: no padding, no blanks, and
/// the last character has no bit set beyond the last byte, so each string of bytes has one text.
/// Nothing for any other text; the empty one is no bytes.
[[nodiscard]] std::optional<std::string> decode_base64url(std::string_view text);

}  // namespace factord::jwt
