#include "server/config/values.hpp"

#include <algorithm>
#include <charconv>
#include <span>

#include "storage/base/ascii.hpp"

namespace factord::config_values {
namespace {

struct unit {
  std::string_view name;
  std::uint64_t factor;
};

error bad(const std::string& message) { return {errc::bad_argument, message}; }

// Digits and the unit behind them, as a multiple of the smallest unit. False where it is neither.
bool scale(std::string_view text, std::span<const unit> units, std::uint64_t& value) {
  const auto [end, failure] = std::from_chars(text.begin(), text.end(), value);
  if (failure != std::errc{}) return false;
  const std::string_view suffix(end, text.end());
  const auto found = std::ranges::find(units, suffix, &unit::name);
  return found != units.end() && !__builtin_mul_overflow(value, found->factor, &value);
}

std::string range(const std::string& min, const std::string& max) {
  return " from " + min + " to " + max + " is needed";
}

std::string bytes_text(std::uint64_t value) {
  constexpr std::uint64_t kib = 1024;
  if (value >= kib * kib * kib && value % (kib * kib * kib) == 0)
    return std::to_string(value / (kib * kib * kib)) + "GiB";
  if (value >= kib * kib && value % (kib * kib) == 0)
    return std::to_string(value / (kib * kib)) + "MiB";
  if (value >= kib && value % kib == 0) return std::to_string(value / kib) + "KiB";
  return std::to_string(value);
}

}  // namespace

std::string to_text(std::chrono::milliseconds time) {
  const auto count = time.count();
  if (count >= 3'600'000 && count % 3'600'000 == 0) return std::to_string(count / 3'600'000) + "h";
  if (count >= 1000 && count % 1000 == 0) return std::to_string(count / 1000) + "s";
  return std::to_string(count) + "ms";
}

result<std::uint64_t> number(std::string_view text, std::uint64_t min, std::uint64_t max) {
  constexpr unit plain[] = {{"", 1}};
  std::uint64_t value = 0;
  if (!scale(text, plain, value) || value < min || value > max)
    return bad("a whole number" + range(std::to_string(min), std::to_string(max)));
  return value;
}

result<std::uint64_t> bytes(std::string_view text, std::uint64_t min, std::uint64_t max) {
  constexpr unit units[] = {{"", 1}, {"KiB", 1U << 10U}, {"MiB", 1U << 20U}, {"GiB", 1U << 30U}};
  std::uint64_t value = 0;
  if (!scale(text, units, value) || value < min || value > max)
    return bad("a size in bytes, KiB, MiB or GiB" + range(bytes_text(min), bytes_text(max)));
  return value;
}

result<std::chrono::milliseconds> duration(std::string_view text, std::chrono::milliseconds min,
                                           std::chrono::milliseconds max) {
  constexpr unit units[] = {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}};
  std::uint64_t value = 0;
  const bool scaled = scale(text, units, value);
  if (!scaled || value < static_cast<std::uint64_t>(min.count()) ||
      value > static_cast<std::uint64_t>(max.count()))
    return bad("a time in ms, s, m or h" + range(to_text(min), to_text(max)));
  return std::chrono::milliseconds{value};
}

result<std::uint32_t> share(std::string_view text) {
  constexpr std::uint32_t whole = 1'000'000;
  const std::size_t dot = std::min(text.find('.'), text.size());
  const std::string_view before = text.substr(0, dot);
  const std::string_view behind = dot < text.size() ? text.substr(dot + 1) : "0";
  const bool digits = std::ranges::all_of(behind, is_digit);
  if ((before != "0" && before != "1") || behind.empty() || behind.size() > 6 || !digits)
    return bad("a share from 0 to 1 is needed, such as 0.01");
  std::string millionths(behind);
  millionths.resize(6, '0');
  const auto value =
      static_cast<std::uint32_t>(std::stoul(millionths)) + (before == "1" ? whole : 0);
  if (value > whole) return bad("a share from 0 to 1 is needed, such as 0.01");
  return value;
}

std::string share_text(std::uint32_t millionths) {
  if (millionths % 1'000'000 == 0) return std::to_string(millionths / 1'000'000);
  std::string digits = std::to_string(millionths);
  digits.insert(0, 6 - digits.size(), '0');
  digits.erase(digits.find_last_not_of('0') + 1);
  return "0." + digits;
}

result<bool> truth(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return bad("true or false is needed");
}

result<std::string> origin(std::string_view text) {
  std::string_view host = text;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (text.starts_with(scheme)) host.remove_prefix(scheme.size());
  }
  constexpr std::string_view allowed =
      "abcdefghijklmnopqrstuvwxyz0123456789-._~[]:";  // browsers send hosts in lower case
  if (host.size() == text.size() || host.empty() ||
      host.find_first_not_of(allowed) != std::string_view::npos)
    return bad("an origin such as https://console.example.com is needed, in lower case, no path");
  return std::string(text);
}

}  // namespace factord::config_values
