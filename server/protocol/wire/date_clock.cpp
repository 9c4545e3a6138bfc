#include "server/protocol/wire/date_clock.hpp"

#include <array>
#include <chrono>
#include <cstdio>

namespace factord::protocol {

void date_clock::set(timestamp now) {
  static constexpr std::array days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{std::chrono::floor<std::chrono::seconds>(now - day)};

  std::array<char, 64> line{};
  const int size = std::snprintf(
      line.data(), line.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
      days[std::chrono::weekday{day}.c_encoding()], static_cast<unsigned>(date.day()),
      months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
      static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
      static_cast<int>(time.seconds().count()));
  text_.assign(line.data(), static_cast<std::size_t>(size));
}

}  // namespace factord::protocol
