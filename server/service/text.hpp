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

/// True for an id, an org id or a username as the store takes it: storable, 1 to 200 code points.
[[nodiscard]] bool valid_id(std::string_view text) noexcept;

inline constexpr std::size_t id_code_points_max = 200;

}  // namespace factord::service
