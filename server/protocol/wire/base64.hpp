#pragma once

#include <string>
#include <string_view>

/// Base64 with the standard alphabet (RFC 4648, section 4).
namespace factord::protocol {

enum class padding { none, equals };

/// Appends the encoding of `bytes`.
void append_base64(std::string& out, std::string_view bytes, padding end);

/// Appends what `text` encodes: padded or not, and several padded encodings in a row, as clients of
/// gRPC-Web send them. False where it encodes nothing; `out` is then to be thrown away.
[[nodiscard]] bool decode_base64(std::string_view text, std::string& out);

}  // namespace factord::protocol
