#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace factord::protocol {

enum class unzipped { ok, malformed, too_large };

/// Decompresses one gzip member (RFC 1952) into `out` (replaced), which grows to `max` bytes at
/// most: `too_large` where there would be more. `malformed` where it is cut short, damaged, or
/// followed by anything.
[[nodiscard]] unzipped gunzip(std::string_view bytes, std::size_t max, std::string& out);

}  // namespace factord::protocol
