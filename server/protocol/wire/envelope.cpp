#include "server/protocol/wire/envelope.hpp"

#include "storage/base/check.hpp"

namespace factord::protocol {

std::optional<std::size_t> announced_length(std::string_view bytes) {
  if (bytes.size() < envelope_head_bytes) return std::nullopt;
  std::size_t length = 0;
  for (const char byte : bytes.substr(1, 4)) {
    length = length << 8U | static_cast<unsigned char>(byte);
  }
  return length;
}

std::optional<envelope> take_envelope(std::string_view& bytes) {
  const auto length = announced_length(bytes);
  if (!length || bytes.size() - envelope_head_bytes < *length) return std::nullopt;
  envelope first{static_cast<std::uint8_t>(bytes.front()),
                 bytes.substr(envelope_head_bytes, *length)};
  bytes.remove_prefix(envelope_head_bytes + *length);
  return first;
}

std::size_t open_envelope(std::string& out, std::uint8_t flags) {
  const std::size_t head = out.size();
  out.push_back(static_cast<char>(flags));
  out.append(4, '\0');
  return head;
}

void close_envelope(std::string& out, std::size_t head) {
  FACTORD_CHECK(out.size() >= head + envelope_head_bytes);
  const std::size_t length = out.size() - head - envelope_head_bytes;
  FACTORD_CHECK(length <= UINT32_MAX);
  for (std::size_t i = 0; i < 4; ++i) {
    out[head + 1 + i] = static_cast<char>(length >> (24 - 8 * i) & 0xFFU);
  }
}

}  // namespace factord::protocol
