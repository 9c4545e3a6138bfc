#include "server/protocol/wire/base64.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace factord::protocol {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t not_a_digit = 0xFF;

constexpr std::array<std::uint8_t, 256> values = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(not_a_digit);
  for (std::uint8_t i = 0; i < 64; ++i) table[static_cast<unsigned char>(alphabet[i])] = i;
  return table;
}();

// Up to three bytes as one number, the first byte on top.
std::uint32_t pack(std::string_view bytes) {
  std::uint32_t packed = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    packed = packed << 8U | (i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U);
  }
  return packed;
}

// Two to four digits, without padding; the bits that fill up the last byte must be 0.
bool decode_group(std::string_view digits, std::string& out) {
  if (digits.size() < 2) return false;
  std::uint32_t packed = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const std::uint8_t value =
        i < digits.size() ? values[static_cast<unsigned char>(digits[i])] : std::uint8_t{0};
    if (value == not_a_digit) return false;
    packed = packed << 6U | value;
  }
  const std::size_t bytes = digits.size() - 1;
  if ((packed & (0xFFFFFFU >> (8 * bytes))) != 0) return false;
  for (std::size_t i = 0; i < bytes; ++i) {
    out.push_back(static_cast<char>(packed >> (16 - 8 * i) & 0xFFU));
  }
  return true;
}

}  // namespace

void append_base64(std::string& out, std::string_view bytes, padding end) {
  for (; !bytes.empty(); bytes.remove_prefix(bytes.size() < 3 ? bytes.size() : 3)) {
    const std::uint32_t packed = pack(bytes.substr(0, 3));
    const std::size_t digits = bytes.size() < 3 ? bytes.size() + 1 : 4;
    for (std::size_t i = 0; i < digits; ++i) {
      out.push_back(alphabet[packed >> (18 - 6 * i) & 0x3FU]);
    }
    if (end == padding::equals) out.append(4 - digits, '=');
  }
}

bool decode_base64(std::string_view text, std::string& out) {
  out.reserve(out.size() + text.size() / 4 * 3 + 3);
  while (!text.empty()) {
    std::string_view group = text.substr(0, 4);
    text.remove_prefix(group.size());
    const bool whole = group.size() == 4;
    while (whole && group.ends_with('=')) group.remove_suffix(1);
    if (!decode_group(group, out)) return false;
  }
  return true;
}

}  // namespace factord::protocol
