#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace factord::protocol {

enum class unzipped { ok, malformed, too_large };

/// Decompresses gzip (RFC 1952) into `out` (replaced), which grows to `max` + 1 bytes at most:
/// `too_large` where there would be more than `max`. Members that follow one another are one text
/// (section 2.2). `malformed` where one is cut short or damaged, or followed by what is no member.
[[nodiscard]] unzipped gunzip(std::string_view bytes, std::size_t max, std::string& out);

}  // namespace factord::protocol
