#pragma once

#include <string>
#include <string_view>

namespace factord::protocol::http1 {

/// Sets `out` to the path and query of a request target (RFC 9112, section 3.2): origin form as it
/// is, absolute form without its scheme and authority, asterisk form where `asterisk_allowed`.
/// False where it is none of these, or holds a fragment.
[[nodiscard]] bool reduce_target(std::string_view target, bool asterisk_allowed, std::string& out);

/// Whether a Host field value is `uri-host [":" port]` or empty (RFC 9110, section 7.2).
[[nodiscard]] bool is_host(std::string_view value) noexcept;

}  // namespace factord::protocol::http1
