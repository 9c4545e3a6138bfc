#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace factord::protocol {

/// How one percent-encoded piece of a target came out (RFC 3986, section 2.1).
enum class decoded { ok, has_slash, malformed };

/// Decodes `text` once into `out` (replaced). `has_slash` where an escape stands for '/', which
/// must not be taken for a separator; `malformed` where '%' is not followed by two hex digits.
[[nodiscard]] decoded percent_decode(std::string_view text, std::string& out);

/// The path of a target in origin form, up to '?'.
[[nodiscard]] std::string_view path_of(std::string_view target) noexcept;

/// Looks up a query parameter: the first of that name, decoded as a form does ('+' is a blank).
enum class parameter { absent, found, malformed };
[[nodiscard]] parameter query_parameter(std::string_view target, std::string_view name,
                                        std::string& out);

}  // namespace factord::protocol
