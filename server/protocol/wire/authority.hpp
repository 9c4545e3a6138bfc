#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace factord::protocol {

/// Whether the name that a client calls this server by is looked at. On a Unix socket it names
/// nothing, and clients send what they like.
enum class host_rule : bool { checked, anything };

/// Who a request is for: an authority without user information (RFC 3986, section 3.2). Views into
/// the text it was read from.
struct authority {
  std::string_view host;              ///< never empty; an IP literal with its brackets
  std::optional<std::uint16_t> port;  ///< nothing where it is absent or empty
};

/// Nothing where the text is none: a host that is no name, IPv4 address or bracketed IP literal, or
/// a port that is no number up to 65535.
[[nodiscard]] std::optional<authority> parse_authority(std::string_view text) noexcept;

/// Whether a Host field value is one, or empty, as for a target that has none (RFC 9110, section
/// 7.2).
[[nodiscard]] bool is_host(std::string_view value) noexcept;

/// Whether two such values name the same: in any case of their letters, and with the port of the
/// scheme where none is said (RFC 3986, section 6.2).
[[nodiscard]] bool same_host(std::string_view one, std::string_view other,
                             std::uint16_t default_port) noexcept;

}  // namespace factord::protocol
