#pragma once

#include <boost/json/value.hpp>
#include <cstddef>
#include <string_view>

#include "storage/base/error.hpp"

namespace factord::jwt {

/// How many objects and arrays may stand inside each other, the outermost counted.
inline constexpr std::size_t json_depth_max = 16;

/// Reads JSON that an issuer or a stranger has written, as RFC 8259 has it and no more: within
/// json_depth_max, UTF-8 with surrogates in pairs, no U+0000 in any text, and a name once in its
/// object at any depth (RFC 7519, section 4 leaves the last one or an error: two readers could
/// differ). Anything else is errc::bad_argument with what is wrong, nothing of the text in it.
/// Memory is in proportion to the text.
[[nodiscard]] result<boost::json::value> parse_strict_json(std::string_view text);

/// The member of an object that is a string; null where it is missing or something else.
[[nodiscard]] const boost::json::string* find_text(const boost::json::object& in,
                                                   std::string_view name) noexcept;

}  // namespace factord::jwt
