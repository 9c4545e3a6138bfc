#include "server/protocol/wire/codec_kind.hpp"

#include <algorithm>

namespace factord::protocol {

std::optional<http_version> recognize_codec(std::string_view begin) noexcept {
  for (const codec_kind& kind : codec_kinds) {
    if (begin.starts_with(kind.preface)) return kind.version;
    if (kind.preface.starts_with(begin)) return std::nullopt;
  }
  return codec_kinds.back().version;
}

http_version negotiated_codec(std::string_view alpn) noexcept {
  const auto found = std::ranges::find(codec_kinds, alpn, &codec_kind::alpn);
  return found == codec_kinds.end() ? codec_kinds.back().version : found->version;
}

}  // namespace factord::protocol
