#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "storage/base/error.hpp"

/// Texts that a setting may have, as values. Each fails with errc::bad_argument and a sentence that
/// says what is needed.
namespace factord::config_values {

/// A whole number in [min, max].
[[nodiscard]] result<std::uint64_t> number(std::string_view text, std::uint64_t min,
                                           std::uint64_t max);

/// A number of bytes in [min, max]: digits, then nothing, "KiB", "MiB" or "GiB".
[[nodiscard]] result<std::uint64_t> bytes(std::string_view text, std::uint64_t min,
                                          std::uint64_t max);

/// A time in [min, max]: digits, then "ms", "s", "m" or "h".
[[nodiscard]] result<std::chrono::milliseconds> duration(std::string_view text,
                                                         std::chrono::milliseconds min,
                                                         std::chrono::milliseconds max);

/// The same of a time, as duration() takes it.
[[nodiscard]] std::string to_text(std::chrono::milliseconds time);

/// A share from 0 to 1, with up to six digits behind the dot: in millionths.
[[nodiscard]] result<std::uint32_t> share(std::string_view text);
[[nodiscard]] std::string share_text(std::uint32_t millionths);

/// "true" or "false".
[[nodiscard]] result<bool> truth(std::string_view text);

/// An origin as a browser sends it (RFC 6454, section 6.2): "https://HOST" or with ":PORT".
[[nodiscard]] result<std::string> origin(std::string_view text);

}  // namespace factord::config_values
