#pragma once

#include <string>
#include <string_view>

namespace factord::testing {

/// The text of any bytes in base64url without padding (RFC 4648, section 5).
[[nodiscard]] std::string encode_base64url(std::string_view bytes);

}  // namespace factord::testing
