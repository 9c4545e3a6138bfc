#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace factord::tools {

/// A number as people type it on a command line: decimal digits only, no sign, no space. Nothing
/// where it is anything else, or above 2^64 - 1.
[[nodiscard]] std::optional<std::uint64_t> parse_number(std::string_view text) noexcept;

/// The reason against `text` as a number within min and max; empty where there is none.
[[nodiscard]] std::string check_number(std::string_view text, std::uint64_t min, std::uint64_t max);

/// The number with its digits in groups of three, for people: 1,234,567.
[[nodiscard]] std::string grouped(std::uint64_t number);

}  // namespace factord::tools
