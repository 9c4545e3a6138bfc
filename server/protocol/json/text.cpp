#include "server/protocol/json/text.hpp"
#include "storage/base/hex.hpp"

#include <array>
#include <charconv>
#include <chrono>

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

// `value` in exactly `width` digits, zeros first.
template <class Integer>
void append_digits(std::string& out, Integer value, std::size_t width) {
  const std::size_t start = out.size();
  out.append(width, '0');
  for (std::size_t at = start + width; at > start; value /= 10) {
    out[--at] = static_cast<char>('0' + value % 10);
  }
}

// Of a second: 0, 3 or 6 digits behind a dot.
void append_fraction(std::string& out, std::int64_t micros) {
  if (micros == 0) return;
  out.push_back('.');
  micros % 1000 == 0 ? append_digits(out, micros / 1000, 3) : append_digits(out, micros, 6);
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
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.push_back('"');
  out.append(digits.data(), end);
  out.push_back('"');
}

void append_json_time(std::string& out, timestamp time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  out.push_back('"');
  append_digits(out, static_cast<int>(date.year()), 4);
  out.push_back('-');
  append_digits(out, static_cast<unsigned>(date.month()), 2);
  out.push_back('-');
  append_digits(out, static_cast<unsigned>(date.day()), 2);
  out.push_back('T');
  append_digits(out, clock.hours().count(), 2);
  out.push_back(':');
  append_digits(out, clock.minutes().count(), 2);
  out.push_back(':');
  append_digits(out, clock.seconds().count(), 2);
  append_fraction(out, clock.subseconds().count());
  out += "Z\"";
}

void append_json_duration(std::string& out, std::chrono::microseconds value) {
  out.push_back('"');
  if (value < value.zero()) out.push_back('-');
  const std::chrono::microseconds size = std::chrono::abs(value);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(size);
  out += std::to_string(seconds.count());
  append_fraction(out, (size - seconds).count());
  out += "s\"";
}

}  // namespace factord::protocol
