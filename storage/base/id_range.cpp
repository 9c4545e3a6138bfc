#include "storage/base/id_range.hpp"

#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <string_view>
#include <system_error>

#include "storage/base/check.hpp"

namespace factord {
namespace {

constexpr std::size_t digits_max = std::numeric_limits<std::uint64_t>::digits10 + 1;

// Digits only: from_chars takes no sign of what is unsigned.
std::optional<std::uint64_t> to_number(std::string_view text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  return number;
}

}  // namespace

result<id_range> id_range::make(std::string_view first, std::uint64_t count) {
  const auto number = to_number(first);
  if (!number || first.size() > digits_max) {
    return error{errc::bad_argument, "the first id must be a number of 1 to 20 digits"};
  }
  if (count > 0 && count - 1 > std::numeric_limits<std::uint64_t>::max() - *number) {
    return error{errc::bad_argument, "the last id would be above 18446744073709551615"};
  }
  return id_range{*number, first.size(), count};
}

void id_range::append(std::string& out, std::uint64_t index) const {
  FACTORD_CHECK(index < count_);
  std::array<char, digits_max> digits;
  const auto written = std::to_chars(digits.begin(), digits.end(), first_ + index);
  const auto length = static_cast<std::size_t>(written.ptr - digits.begin());
  if (length < digits_min_) out.append(digits_min_ - length, '0');
  out.append(digits.data(), length);
}

std::string id_range::at(std::uint64_t index) const {
  std::string id;
  append(id, index);
  return id;
}

}  // namespace factord
