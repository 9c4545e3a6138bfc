#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "storage/base/clock.hpp"

namespace factord {

/// How a part of a second is written.
enum class fraction : std::uint8_t {
  shortest,  ///< in 0, 3 or 6 digits, the fewest that keep it
  micros,    ///< in 6 digits, so that all times are of one length
};

/// Appends a time as RFC 3339 has it: UTC with Z. Of the years 0 to 9999; for any other it writes
/// what orders and reads the same, and is no RFC 3339; times of the very first day that a timestamp
/// can have are shown as its end.
void append_rfc3339(std::string& out, timestamp time, fraction digits = fraction::shortest);

/// Appends what is behind the whole seconds: nothing, or a dot and its digits. `micros` is below
/// 1,000,000.
void append_fraction(std::string& out, unsigned micros, fraction digits = fraction::shortest);

/// Reads a time as RFC 3339 has it, with any offset and any number of digits of a second; what is
/// between two times that we can tell apart is the later one. Nothing where it is none, or a leap
/// second.
[[nodiscard]] std::optional<timestamp> parse_rfc3339(std::string_view text);

}  // namespace factord
