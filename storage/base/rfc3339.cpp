#include "storage/base/rfc3339.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

namespace factord {
namespace {

/// `value` in `width` digits, zeros first; returns what is behind them.
char* put_digits(char* to, unsigned value, int width) {
  for (int at = width; at-- > 0; value /= 10) to[at] = static_cast<char>('0' + value % 10);
  return to + width;
}

char* put_year(char* to, int year) {
  if (year >= 0 && year <= 9999) return put_digits(to, static_cast<unsigned>(year), 4);
  return std::to_chars(to, to + 8, year).ptr;
}

char* put_fraction(char* to, unsigned micros, fraction digits) {
  if (micros == 0 && digits == fraction::shortest) return to;
  *to++ = '.';
  const bool millis = micros % 1000 == 0 && digits == fraction::shortest;
  return millis ? put_digits(to, micros / 1000, 3) : put_digits(to, micros, 6);
}

}  // namespace

void append_rfc3339(std::string& out, timestamp time, fraction digits) {
  // The day that the first times are of begins before any time.
  time = std::max(time, timestamp::min() + std::chrono::days{1});
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  // Filled in one go: this is in every answer that a write gets.
  std::array<char, 40> text;
  char* at = put_year(text.data(), static_cast<int>(date.year()));
  *at++ = '-';
  at = put_digits(at, static_cast<unsigned>(date.month()), 2);
  *at++ = '-';
  at = put_digits(at, static_cast<unsigned>(date.day()), 2);
  *at++ = 'T';
  at = put_digits(at, static_cast<unsigned>(clock.hours().count()), 2);
  *at++ = ':';
  at = put_digits(at, static_cast<unsigned>(clock.minutes().count()), 2);
  *at++ = ':';
  at = put_digits(at, static_cast<unsigned>(clock.seconds().count()), 2);
  at = put_fraction(at, static_cast<unsigned>(clock.subseconds().count()), digits);
  *at++ = 'Z';
  out.append(text.data(), at);
}

void append_fraction(std::string& out, unsigned micros, fraction digits) {
  std::array<char, 8> text;
  out.append(text.data(), put_fraction(text.data(), micros, digits));
}

}  // namespace factord
