#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace factord::testing {

/// Watch of the health service, an answer in parts, in Connect's form, which both versions of HTTP
/// carry.
inline constexpr std::string_view watch_path = "/grpc.health.v1.Health/Watch";
inline constexpr std::string_view watch_type = "application/connect+json";
[[nodiscard]] std::string watch_body();

/// What was said so far.
struct watch_seen {
  std::size_t statuses = 0;
  bool serving = false;  ///< the last of them
  bool ended = false;    ///< with `unavailable`
};
/// Of a body, as far as it came. CHECKs that it is one: that each status is another than the one
/// before it, and that nothing stands behind the end.
[[nodiscard]] watch_seen read_watch(std::string_view body);

/// The front of a body in chunks.
struct chunked_body {
  std::string bytes;
  std::size_t wire_bytes = 0;  ///< that these chunks took
  bool whole = false;          ///< with the last chunk
};
[[nodiscard]] chunked_body read_chunks(std::string_view wire);

}  // namespace factord::testing
