#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace factord::protocol {

enum class verb : std::uint8_t { get, head, post, put, patch, delete_, options, other };

/// The request fields that somebody reads; all others are checked and dropped. A new one is a line
/// here and a line in the table of request.cpp.
enum class field : std::uint8_t {
  authorization,
  zitadel_org_id,
  origin,
  access_control_request_method,
  access_control_request_headers,
  content_type,
};
inline constexpr std::size_t field_count = 6;

/// The lower-case name on the wire, e.g. "x-zitadel-orgid".
[[nodiscard]] std::string_view name(field which) noexcept;

/// The field of that name in any case; nothing where it is one that nobody reads.
[[nodiscard]] std::optional<field> find_field(std::string_view name) noexcept;

/// One request of any HTTP version, read to the end of its body. Codecs reuse the object, so its
/// strings keep their memory.
struct request {
  std::uint64_t id = 0;  ///< of this request on its connection; respond() names it
  verb method = verb::other;
  std::string target;  ///< path and query as sent, still percent-encoded; absolute form reduced
  std::string body;    ///< transfer coding removed

  /// The value of a field, surrounding blanks removed, several lines joined by ", "; empty where
  /// it is absent (`has` tells the two apart).
  [[nodiscard]] std::string_view value(field which) const { return values_[index(which)]; }
  [[nodiscard]] bool has(field which) const { return present_[index(which)]; }

  /// For codecs.
  void add(field which, std::string_view value);
  void clear();

 private:
  static constexpr std::size_t index(field which) { return static_cast<std::size_t>(which); }
  std::array<std::string, field_count> values_;
  std::array<bool, field_count> present_{};
};

}  // namespace factord::protocol
