#pragma once

#include <chrono>
#include <cstdint>

namespace factord {

/// A point in time as we store and show it: UTC, microseconds since 1970.
using timestamp = std::chrono::sys_time<std::chrono::microseconds>;

[[nodiscard]] inline timestamp system_now() noexcept {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

[[nodiscard]] constexpr std::int64_t to_micros(timestamp time) noexcept {
  return time.time_since_epoch().count();
}

[[nodiscard]] constexpr timestamp from_micros(std::int64_t micros) noexcept {
  return timestamp{std::chrono::microseconds{micros}};
}

}  // namespace factord
