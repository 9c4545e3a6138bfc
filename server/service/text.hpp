#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace factord::service {

/// Unicode code points in `text`, or nothing where it is not valid UTF-8 (RFC 3629: no overlong
/// forms, no surrogates, nothing above U+10FFFF).
[[nodiscard]] std::optional<std::size_t> count_code_points(std::string_view text) noexcept;

/// True for text that may stand in a key of the store: valid UTF-8 without U+0000.
[[nodiscard]] bool is_storable(std::string_view text) noexcept;

/// True for an id or an org id as the store takes it: storable, 1 to 200 code points.
[[nodiscard]] bool valid_id(std::string_view text) noexcept;

/// `text` without the white space at both ends (Unicode's, as Go's strings.TrimSpace has it).
[[nodiscard]] std::string_view trimmed(std::string_view text) noexcept;

inline constexpr std::size_t id_code_points_max = 200;

}  // namespace factord::service
