#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "server/protocol/wire/request.hpp"

namespace factord::protocol {

/// The connection preface of a client of HTTP/2 (RFC 9113, section 3.4).
inline constexpr std::string_view http2_preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// One way to speak on a connection, and how both sides tell. What makes its codec is a row of
/// codec_makers in session.cpp.
struct codec_kind {
  http_version version;
  std::string_view alpn;     ///< its name where TLS negotiates (RFC 7301)
  std::string_view preface;  ///< what its clients send first; empty: nothing of its own
};

/// In the order that we prefer. The last is what is spoken where nothing tells.
inline constexpr std::array codec_kinds{
    codec_kind{http_version::http2, "h2", http2_preface},
    codec_kind{http_version::http1, "http/1.1", {}},
};

/// What a connection speaks that begins with these bytes; nothing while more of them are needed.
[[nodiscard]] std::optional<http_version> recognize_codec(std::string_view begin) noexcept;

/// What was negotiated by this name; the last where it is none of ours.
[[nodiscard]] http_version negotiated_codec(std::string_view alpn) noexcept;

}  // namespace factord::protocol
