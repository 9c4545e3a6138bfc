#pragma once

#include <cstdint>
#include <string_view>

namespace factord::protocol {

/// How a body is compressed.
enum class content_coding : std::uint8_t { identity, gzip, unknown };

/// What a Content-Encoding field says (RFC 9110, section 8.4), its lines joined by commas: names in
/// any case, x-gzip the same as gzip. `unknown` where it names another coding, or more than one.
[[nodiscard]] content_coding find_content_coding(std::string_view field_value);

}  // namespace factord::protocol
