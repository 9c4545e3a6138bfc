#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace factord::jwt {

/// How long an answer may be kept by its Cache-Control (RFC 9111, section 5.2.2.1): nothing where
/// that says no max-age, says that it may not be kept, or cannot be read.
[[nodiscard]] std::optional<std::chrono::seconds> max_age(std::string_view cache_control);

}  // namespace factord::jwt
