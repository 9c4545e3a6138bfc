#pragma once

#include <string_view>

/// Addresses in the text forms of RFC 3986, section 3.2.2.
namespace factord::protocol {

/// Four decimal numbers up to 255, without zeros in front.
[[nodiscard]] bool is_ipv4(std::string_view text) noexcept;

/// Without brackets and without a zone.
[[nodiscard]] bool is_ipv6(std::string_view text) noexcept;

}  // namespace factord::protocol
