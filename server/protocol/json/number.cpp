#include "server/protocol/json/number.hpp"

#include <algorithm>
#include <charconv>
#include <string>

namespace factord::protocol {
namespace {

// Beyond any number of digits that a text in memory has.
constexpr std::int64_t exponent_max = 1'000'000'000'000'000;

// The exponent of a number, 0 without one. What is too large for all is as good as the largest.
std::int64_t exponent_of(std::string_view text) {
  const std::size_t at = text.find_first_of("eE");
  if (at == std::string_view::npos) return 0;
  text.remove_prefix(at + 1);
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec == std::errc::result_out_of_range) {
    return text.starts_with('-') ? -exponent_max : exponent_max;
  }
  return std::clamp(value, -exponent_max, exponent_max);
}

// False where it grows beyond 64 bits.
bool append_digit(std::uint64_t& number, char digit) {
  const auto value = static_cast<std::uint64_t>(digit - '0');
  if (number > (UINT64_MAX - value) / 10) return false;
  number = number * 10 + value;
  return true;
}

}  // namespace

std::optional<whole_number> to_whole_number(std::string_view json_number) {
  whole_number out;
  out.negative = json_number.starts_with('-');
  if (out.negative) json_number.remove_prefix(1);
  const std::string_view written = json_number.substr(0, json_number.find_first_of("eE"));
  const std::size_t point = std::min(written.find('.'), written.size());
  std::string digits(written);
  if (point < digits.size()) digits.erase(point, 1);

  const std::size_t last = digits.find_last_not_of('0');
  if (last == std::string::npos) return out;
  digits.resize(last + 1);
  // How many zeros follow the last digit that is none.
  const std::int64_t zeros = exponent_of(json_number) + static_cast<std::int64_t>(point) -
                             static_cast<std::int64_t>(digits.size());
  if (zeros < 0) return std::nullopt;
  for (const char digit : digits) {
    if (!append_digit(out.magnitude, digit)) return std::nullopt;
  }
  for (std::int64_t i = 0; i < zeros; ++i) {
    if (!append_digit(out.magnitude, '0')) return std::nullopt;
  }
  return out;
}

}  // namespace factord::protocol
