#pragma once

#include <cstddef>
#include <optional>
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

/// One parameter of a query, as sent.
struct query_pair {
  std::string_view name;
  std::string_view value;  ///< empty where there is no '='
};

/// Takes the first off the front of `query`, what stands behind a target's '?'; empty ones are
/// passed over. Nothing where none is left.
[[nodiscard]] std::optional<query_pair> take_pair(std::string_view& query) noexcept;

/// What stands behind the '?'.
[[nodiscard]] std::string_view query_of(std::string_view target) noexcept;

/// Decodes a name or a value once as a form does ('+' is a blank). False where it is malformed.
[[nodiscard]] bool decode_form(std::string_view text, std::string& out);

/// Looks up a query parameter: the first of that name.
enum class parameter { absent, found, malformed };
[[nodiscard]] parameter query_parameter(std::string_view target, std::string_view name,
                                        std::string& out);

}  // namespace factord::protocol
