#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "storage/base/enum_table.hpp"

namespace factord::service {

/// How a call came. What else there is to know of that the protocol layer keeps for itself.
enum class call_protocol : std::uint8_t { json, grpc, grpc_web, connect, count_ };

/// As metrics and logs call it.
[[nodiscard]] constexpr std::string_view name(call_protocol which) noexcept {
  constexpr std::array<std::string_view, count_of<call_protocol>> names = {"json", "grpc",
                                                                           "grpc_web", "connect"};
  return names[static_cast<std::size_t>(which)];
}

}  // namespace factord::service
