#include "server/protocol/json/text.hpp"

#include <array>
#include <charconv>
#include <chrono>

#include "storage/base/hex.hpp"
#include "storage/base/rfc3339.hpp"

namespace factord::protocol {
namespace {

bool needs_escape(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
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
      out += "\\u00";
      append_hex(out, static_cast<unsigned char>(c));
  }
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out.push_back('"');
  std::size_t start = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!needs_escape(text[at])) continue;
    out.append(text, start, at - start);
    append_escaped(out, text[at]);
    start = at + 1;
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
