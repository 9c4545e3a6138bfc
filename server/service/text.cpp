#include "server/service/text.hpp"

#include <cstdint>

namespace factord::service {
namespace {

// What the first byte of a sequence says: its length, and the bounds of the second byte, which is
// where overlong forms, surrogates and too large values show (RFC 3629, section 4).
struct lead_byte {
  unsigned length;
  std::uint8_t second_min;
  std::uint8_t second_max;
};

lead_byte classify(std::uint8_t byte) noexcept {
  if (byte < 0x80) return {1, 0, 0};
  if (byte >= 0xC2 && byte <= 0xDF) return {2, 0x80, 0xBF};
  if (byte == 0xE0) return {3, 0xA0, 0xBF};
  if (byte == 0xED) return {3, 0x80, 0x9F};
  if (byte >= 0xE1 && byte <= 0xEF) return {3, 0x80, 0xBF};
  if (byte == 0xF0) return {4, 0x90, 0xBF};
  if (byte >= 0xF1 && byte <= 0xF3) return {4, 0x80, 0xBF};
  if (byte == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

bool continues(std::uint8_t byte, std::uint8_t min, std::uint8_t max) noexcept {
  return byte >= min && byte <= max;
}

}  // namespace

std::optional<std::size_t> count_code_points(std::string_view text) noexcept {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count) {
    const lead_byte lead = classify(static_cast<std::uint8_t>(text[at]));
    if (lead.length == 0 || text.size() - at < lead.length) return std::nullopt;
    for (std::size_t i = 1; i < lead.length; ++i) {
      const auto byte = static_cast<std::uint8_t>(text[at + i]);
      const bool fits =
          i == 1 ? continues(byte, lead.second_min, lead.second_max) : continues(byte, 0x80, 0xBF);
      if (!fits) return std::nullopt;
    }
    at += lead.length;
  }
  return count;
}

bool is_storable(std::string_view text) noexcept {
  return text.find('\0') == std::string_view::npos && count_code_points(text).has_value();
}

bool valid_id(std::string_view text) noexcept {
  if (text.empty() || text.find('\0') != std::string_view::npos) return false;
  const auto count = count_code_points(text);
  return count && *count <= id_code_points_max;
}

}  // namespace factord::service
