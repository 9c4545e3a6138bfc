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

/// Takes what is read off the front of a text; once something was not there, nothing is.
class time_reader {
 public:
  explicit time_reader(std::string_view text) : rest_(text) {}

  /// A number of just so many digits.
  int number(std::size_t digits) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (!is_digit()) {
        good_ = false;
        return 0;
      }
      value = value * 10 + (take() - '0');
    }
    return value;
  }
  /// The same, of a part of a time that is at most `most`.
  int part(int most) {
    const int value = number(2);
    good_ = good_ && value <= most;
    return value;
  }
  void mark(std::string_view any_of) {
    good_ = good_ && !rest_.empty() && any_of.find(take()) != std::string_view::npos;
  }
  /// What stands behind a dot, if there is one: rounded up.
  std::chrono::microseconds fraction_of_second() {
    std::chrono::microseconds value{0};
    if (!next_is('.')) return value;
    take();
    good_ = good_ && is_digit();
    bool more = false;
    for (std::int64_t unit = 100'000; is_digit(); unit /= 10) {
      const int digit = take() - '0';
      value += std::chrono::microseconds{digit * unit};
      more = more || (unit == 0 && digit != 0);
    }
    return value + std::chrono::microseconds{more ? 1 : 0};
  }
  /// How far ahead of UTC its clock is.
  std::chrono::minutes offset() {
    const bool behind = next_is('-');
    if (!behind && !next_is('+')) {
      mark("Zz");
      return {};
    }
    take();
    std::chrono::minutes value = std::chrono::hours{part(23)};
    mark(":");
    value += std::chrono::minutes{part(59)};
    return behind ? -value : value;
  }
  /// All was there, and nothing else is.
  [[nodiscard]] bool good() const { return good_ && rest_.empty(); }

 private:
  [[nodiscard]] bool next_is(char wanted) const { return good_ && rest_.starts_with(wanted); }
  [[nodiscard]] bool is_digit() const {
    return good_ && !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9';
  }
  char take() {
    const char first = rest_.front();
    rest_.remove_prefix(1);
    return first;
  }

  std::string_view rest_;
  bool good_ = true;
};

}  // namespace

std::optional<timestamp> parse_rfc3339(std::string_view text) {
  using std::chrono::day, std::chrono::month, std::chrono::year;
  time_reader from(text);
  const year of{from.number(4)};
  from.mark("-");
  const month in{static_cast<unsigned>(from.part(12))};
  from.mark("-");
  const std::chrono::year_month_day date{of, in, day{static_cast<unsigned>(from.part(31))}};
  from.mark("Tt");
  std::chrono::microseconds clock = std::chrono::hours{from.part(23)};
  from.mark(":");
  clock += std::chrono::minutes{from.part(59)};
  from.mark(":");
  clock += std::chrono::seconds{from.part(59)};
  clock += from.fraction_of_second();
  clock -= from.offset();
  if (!from.good() || !date.ok()) return std::nullopt;
  return std::chrono::sys_days{date} + clock;
}

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
