#pragma once

#include <chrono>
#include <cstdint>

namespace factord {

/// A point in time as we store and show it: UTC, microseconds since 1970.
using timestamp = std::chrono::sys_time<std::chrono::microseconds>;

/// What time it is: the wall clock. Everybody who wants to know asks here.
[[nodiscard]] inline timestamp system_now() noexcept {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

/// How far the wall clock may be set back before we take what was written for another clock's: a
/// log or a code that is further ahead of it was made while the clock was wrong, or it is wrong
/// now.
inline constexpr std::chrono::minutes clock_tolerance{5};

[[nodiscard]] constexpr std::int64_t to_micros(timestamp time) noexcept {
  return time.time_since_epoch().count();
}

[[nodiscard]] constexpr timestamp from_micros(std::int64_t micros) noexcept {
  return timestamp{std::chrono::microseconds{micros}};
}

}  // namespace factord
