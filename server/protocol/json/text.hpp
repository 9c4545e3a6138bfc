#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "storage/base/clock.hpp"

/// The pieces that JSON answers are written from. Each appends to `out`.
namespace factord::protocol {

/// A JSON string with its quotes. A byte that begins no UTF-8 character (of a path, maybe) is
/// U+FFFD.
void append_json_string(std::string& out, std::string_view text);

/// A 64-bit number as protobuf's JSON mapping has it: in quotes.
void append_json_number(std::string& out, std::uint64_t value);

/// A time in quotes: RFC 3339, UTC with Z, and 0, 3 or 6 fraction digits, the fewest that keep it.
void append_json_time(std::string& out, timestamp time);

/// A duration in quotes, as protobuf's JSON mapping has it: seconds, with 0, 3 or 6 fraction digits
/// and an s; after a minus where it is negative.
void append_json_duration(std::string& out, std::chrono::microseconds value);

}  // namespace factord::protocol
