#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/protocol/wire/answer_status.hpp"
#include "storage/base/enum_table.hpp"

namespace factord::protocol {

enum class verb : std::uint8_t { get, head, post, put, patch, delete_, options, other, count_ };

/// As it is on the wire; "OTHER" of any that is none of these.
[[nodiscard]] std::string_view name(verb method) noexcept;

enum class http_version : std::uint8_t { http1, http2, count_ };

/// Why a codec found a request wanting as a whole: an HTTP status, our code for the body, a
/// sentence for people. No status: nothing was wrong.
struct refusal {
  answer_status status;
  int code = 3;
  std::string_view message;  ///< static
};

/// The request fields that somebody reads; all others are checked and dropped. A new one is a line
/// here and a line in the table of request.cpp. Of those from `if_modified_since` on only their
/// presence is kept: a request that depends on one is refused (request_checks.hpp).
enum class field : std::uint8_t {
  authorization,
  zitadel_org_id,
  origin,
  access_control_request_method,
  access_control_request_headers,
  content_type,
  content_encoding,
  connect_content_encoding,
  connect_protocol_version,
  connect_timeout_ms,
  grpc_encoding,
  grpc_timeout,
  if_none_match,
  accept,
  last_event_id,
  if_match,
  idempotency_key,
  x_request_id,
  traceparent,
  tracestate,
  if_modified_since,
  if_unmodified_since,
  if_range,
  range,
  count_,  ///< none: how many there are
};
inline constexpr std::size_t field_values = static_cast<std::size_t>(field::if_modified_since);

/// The lower-case name on the wire, e.g. "x-zitadel-orgid".
[[nodiscard]] std::string_view name(field which) noexcept;

/// The field of that name in any case; nothing where it is one that nobody reads.
[[nodiscard]] std::optional<field> find_field(std::string_view name) noexcept;

/// One request of any HTTP version, read to the end of its body, and given out once. Only requests
/// to a streaming target (router.hpp) come in parts: first when the header is complete, again
/// whenever more body has arrived, the last time with `more` false; always the same object and id.
/// Codecs reuse the object, so its strings keep their memory.
struct request {
  std::uint64_t id = 0;  ///< of this request on its connection; respond() names it
  http_version version = http_version::http1;
  verb method = verb::other;
  bool more = false;         ///< the body goes on (a streaming target)
  bool takes_parts = false;  ///< its answer may come in parts: it is of no client of HTTP/1.0
  std::string target;  ///< path and query as sent, still percent-encoded; absolute form reduced
  /// Transfer coding removed. Of a request in parts: what came and was not taken; whoever reads it
  /// erases what was used from the front, and beyond limits.body_bytes no more is read.
  std::string body;
  /// When its header was read to the end: deadlines of its client count from then.
  std::chrono::steady_clock::time_point begun{};
  /// A fault to be answered in the protocol of the request; its body does not count. Where the
  /// fault leaves open what comes next, HTTP/1.1 ends the connection, and the codec answers itself
  /// what was not given out yet.
  refusal refused;

  /// The value of a field, surrounding blanks removed, several lines joined by ", "; empty where
  /// it is absent (`has` tells the two apart) or only its presence is kept.
  [[nodiscard]] std::string_view value(field which) const {
    return index(which) < field_values ? std::string_view(values_[index(which)])
                                       : std::string_view{};
  }
  [[nodiscard]] bool has(field which) const { return (present_ & bit(which)) != 0; }

  /// Memory of its strings.
  [[nodiscard]] std::size_t held_bytes() const noexcept {
    return target.capacity() + body.capacity() + field_bytes_;
  }

  /// For codecs. A second line of a field that must be one alone makes the request `refused`.
  void add(field which, std::string_view value);
  void clear();

 private:
  static constexpr std::size_t index(field which) { return static_cast<std::size_t>(which); }
  static constexpr std::uint32_t bit(field which) { return std::uint32_t{1} << index(which); }
  static_assert(count_of<field> <= 32);

  std::uint32_t present_ = 0;  ///< a bit for each field
  std::array<std::string, field_values> values_;
  std::size_t field_bytes_ = 0;  ///< capacity of those values that have memory of their own
};

}  // namespace factord::protocol
