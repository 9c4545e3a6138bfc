#include "server/protocol/json/text.hpp"

#include <array>
#include <charconv>
#include <chrono>

#include "storage/base/hex.hpp"
#include "storage/base/rfc3339.hpp"
#include "storage/base/utf8.hpp"

namespace factord::protocol {
namespace {

bool is_plain(unsigned char byte) noexcept {
  return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      break;
    case '\\':
      out += "\\\\";
      break;
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    default:
      const auto byte = static_cast<unsigned char>(c);
      if (byte >= 0x80) {
        out += "\\ufffd";
        return;
      }
      out += "\\u00";
      append_hex(out, byte);
  }
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out.push_back('"');
  std::size_t start = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const std::size_t length =
        byte < 0x80 ? std::size_t{is_plain(byte)} : utf8_length(text.substr(at));
    at += length;
    if (length > 0) continue;
    out.append(text, start, at - start);
    append_escaped(out, text[at]);
    start = ++at;
  }
  out.append(text, start);
  out.push_back('"');
}

void append_json_number(std::string& out, std::uint64_t value) {
  std::array<char, 22> text;
  text.front() = '"';
  char* end = std::to_chars(text.data() + 1, text.data() + text.size(), value).ptr;
  *end++ = '"';
  out.append(text.data(), end);
}

void append_json_time(std::string& out, timestamp time) {
  out += '"';
  append_rfc3339(out, time);
  out += '"';
}

void append_json_duration(std::string& out, std::chrono::microseconds value) {
  out.push_back('"');
  if (value < value.zero()) out.push_back('-');
  const std::chrono::microseconds size = std::chrono::abs(value);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(size);
  out += std::to_string(seconds.count());
  append_fraction(out, static_cast<unsigned>((size - seconds).count()));
  out += "s\"";
}

}  // namespace factord::protocol
