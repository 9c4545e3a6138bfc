#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace factord::tools {

/// The longest span that parse_duration takes: 100 years of 365 days.
inline constexpr std::chrono::seconds duration_max = std::chrono::hours{24} * 365 * 100;

/// A span as people type it: a whole number and a unit, s, m, h or d ("90s", "30d"). Nothing where
/// it is anything else, or not within 1 s and duration_max.
[[nodiscard]] std::optional<std::chrono::seconds> parse_duration(std::string_view text) noexcept;

}  // namespace factord::tools
