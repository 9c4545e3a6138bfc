#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace factord::testing {

/// A bulk removal, a request that is read and answered in parts. What it asks follows from its
/// number: removals of its own user, "r<number>", who has no factor, lines that are none, and at
/// its end a removal of "known".
inline constexpr std::string_view bulk_path = "/v2/users/otp_email/_bulk_remove";
inline constexpr std::string_view bulk_type = "application/x-ndjson";
[[nodiscard]] std::string bulk_body(std::size_t number);

/// How many removals of "r<number>" it asks for.
[[nodiscard]] std::size_t removals_in_bulk(std::size_t number);

/// What was said of its lines.
struct bulk_seen {
  std::size_t removed = 0;  ///< "known": 1 where it had the factor
  bool all = false;         ///< each has its answer
  bool said_why = false;    ///< or the last line says from which on none has
};
/// Of a whole body. CHECKs that it is one: that the answers are those of its lines, in order.
[[nodiscard]] bulk_seen read_bulk(std::string_view body, std::size_t number);

}  // namespace factord::testing
